/** Draws the page. */
import { render } from 'preact'
import { App } from './app.tsx'
import { listen } from './live.tsx'

const place = document.querySelector('#page')!
place.replaceChildren()
render(<App />, place)
listen()
