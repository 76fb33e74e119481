/** Every order of a system's messages, searched in the background and told as a stream. */
import { searching } from '../../explore/index.ts'
import { explorationBy } from '../../streams/exploration.ts'

export const exploration = explorationBy(searching)
