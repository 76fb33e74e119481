/** `--serve`: the page while the search goes on, and as long as somebody looks; what it does not carry is learned when it is asked for. */
import { Option, type Command } from 'commander'
import type { Progress } from '../../explore/outcome/report.ts'
import * as errors from '../../report/errors.ts'
import type { Book } from '../../page/make/book.ts'
import { shellWord } from '../../report/text.ts'
import type { Desk } from '../desk.ts'
import { withHtml } from '../html.ts'
import { within } from '../numbers.ts'

export interface ServeFlags {
  /** A port; true: whichever is free. */
  readonly serve?: number | true
}

/** `--html` and `--serve`. */
export const withPage = (command: Command): Command =>
  withHtml(command).addOption(
    new Option('--serve [port]', 'show the page on this machine while the search goes on, until Ctrl-C').argParser(
      within('--serve', { about: '', least: 1024, most: 65_535, byDefault: 8080 }),
    ),
  )

export interface Serving {
  /** A desk at which whoever looks is told how far a search is. */
  deskFor(of: string): Desk
  /** There is more to be seen. */
  changed(): void
  /** Serves until nobody wants it any more. */
  ended(): Promise<void>
}

export const serving = async (
  { serve }: ServeFlags,
  book: Book | undefined,
  words: readonly string[],
  desk: Desk,
): Promise<Serving | undefined> => {
  if (serve === undefined || !book) return undefined
  const command = words.map(shellWord).join(' ')
  const { PageServer } = await import('../../page/serve/server.ts')
  const { html } = await import('../../page/make/html.ts')
  const data = () => ({ ...book.data(command), served: true as const })
  const server = new PageServer({
    page: () => html(data(), `relock ${words.join(' ')}`),
    data: () => JSON.stringify(data()),
    learn: (model, choices) => book.learn(model, choices),
  })
  try {
    desk.err.write(`Page     ${await server.listen(serve === true ? 0 : serve)}   (Ctrl-C ends it)\n`)
  } catch (error) {
    throw errors.portTaken(serve === true ? 0 : serve, (error as Error).message)
  }
  return {
    deskFor: (of) => ({
      ...desk,
      known: (progress: Progress) => {
        desk.known(progress)
        server.tell('progress', { of, ...progress })
      },
    }),
    changed: () => server.tell('changed'),
    ended: async () => {
      if (!desk.stop.aborted) await new Promise((resolve) => desk.stop.addEventListener('abort', resolve))
      server.close()
    },
  }
}
