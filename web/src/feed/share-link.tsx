import { useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { Icon } from '../ui/icon.tsx'

const TOLD_MS = 2_000

/** Shares the address of a page: by the device's own dialog on touch screens, else by copying it. */
export function ShareLink({ path }: { path: string }) {
  const { feed } = useText()
  const [isCopied, setCopied] = useState(false)
  const share = async () => {
    const url = new URL(path, location.origin).href
    if (matchMedia('(pointer: coarse)').matches && 'share' in navigator) {
      await navigator.share({ url }).catch(() => undefined)
      return
    }
    await navigator.clipboard.writeText(url)
    setCopied(true)
    setTimeout(() => setCopied(false), TOLD_MS)
  }
  return (
    <button type="button" aria-label={feed.share} onClick={() => void share()}>
      <Icon name="link" />
      <span role="status">{isCopied && feed.shared}</span>
    </button>
  )
}
