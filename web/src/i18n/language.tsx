import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { readPreference, writePreference } from '../lib/preferences.ts'
import { en, type Messages } from './en.ts'
import { zh } from './zh.ts'

export const languages = { en: 'English', 'zh-CN': '简体中文' } as const
export type Language = keyof typeof languages

const messages: Record<Language, Messages> = { en, 'zh-CN': zh }

interface Spoken {
  language: Language
  text: Messages
  choose: (language: Language) => void
}

const SpokenContext = createContext<Spoken | undefined>(undefined)

/** The language that was chosen, else the first one of the browser that we speak. */
function initialLanguage(): Language {
  const chosen = readPreference('language')
  if (chosen !== undefined && chosen in languages) return chosen as Language
  for (const wanted of navigator.languages) {
    if (/^zh\b/i.test(wanted)) return 'zh-CN'
    if (/^en\b/i.test(wanted)) return 'en'
  }
  return 'en'
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(initialLanguage)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const spoken = useMemo<Spoken>(() => {
    const choose = (chosen: Language) => {
      writePreference('language', chosen)
      setLanguage(chosen)
    }
    return { language, text: messages[language], choose }
  }, [language])
  return <SpokenContext value={spoken}>{children}</SpokenContext>
}

export function useSpoken(): Spoken {
  const spoken = useContext(SpokenContext)
  if (!spoken) throw new Error('useSpoken needs a LanguageProvider above it')
  return spoken
}

/** The texts in the language of the page. */
export const useText = () => useSpoken().text
