/** A thread that looks ahead, until it is told that it is over or whoever has started it ends it. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Ahead } from './ahead.ts'
import type { Hired, Told } from './messages.ts'

const ahead = new Ahead(workerData as Hired)
const { board } = ahead
let heard = 0

while (!board.isOver) {
  const { news } = board
  const chunk = board.takeAhead()
  // What was told before its states could be taken is heard before they are looked at.
  for (; heard < board.told; heard++) ahead.hear(receiveMessageOnPort(parentPort!)!.message as Told)
  if (chunk === undefined) board.waitForNews(news)
  else ahead.lookInto(chunk)
}
