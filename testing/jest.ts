/** `import 'relock/jest'`, or in `setupFilesAfterEnv`: matchers, and runs in snapshots. */
import { expect } from '@jest/globals'
import { matchers, type RelockMatchers } from './matchers.ts'
import { serializer } from './snapshot.ts'

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends RelockMatchers<R> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends RelockMatchers<R> {}
  }
}

expect.extend(matchers)
expect.addSnapshotSerializer(serializer)
