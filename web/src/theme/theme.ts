import { useState } from 'react'
import { readPreference, writePreference } from '../lib/preferences.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const chosenTheme = (): Theme => themes.find((theme) => theme === readPreference('theme')) ?? 'system'

/**
 * The colours follow `color-scheme` (tokens.css), which the system decides unless a
 * person does.
 */
export function applyTheme(theme: Theme = chosenTheme()): void {
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(chosenTheme)
  const choose = (chosen: Theme) => {
    writePreference('theme', chosen)
    applyTheme(chosen)
    setTheme(chosen)
  }
  return [theme, choose]
}
