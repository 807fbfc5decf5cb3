import { useEffect } from 'react'
import { useText } from '../i18n/language.tsx'

/** Names the page in the tab and in the history. */
export function useTitle(title: string | undefined): void {
  const { site } = useText()
  useEffect(() => {
    document.title = title === undefined ? site.name : `${title} · ${site.name}`
  }, [title, site.name])
}
