/** Light or dark: as the system has it, until somebody says otherwise. */
import { signal } from '@preact/signals'

const isDark = matchMedia('(prefers-color-scheme: dark)')
const dark = signal(isDark.matches)
let chosen = false

const paint = (): void => {
  document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light'
}

isDark.addEventListener('change', () => {
  if (!chosen) dark.value = isDark.matches
  paint()
})
paint()

export const otherTheme = (): void => {
  chosen = true
  dark.value = !dark.value
  paint()
}

export const ThemeButton = () => (
  <button type="button" class="quiet" onClick={otherTheme} aria-pressed={dark.value}>
    Dark
  </button>
)
