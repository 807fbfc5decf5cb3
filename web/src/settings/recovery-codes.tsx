import { useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import styles from './settings.module.css'

/** Recovery codes, which are shown this once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { settings } = useText()
  const [isCopied, setCopied] = useState(false)
  const text = codes.join('\n')
  return (
    <section className={styles.section}>
      <h2>{settings.codesTitle}</h2>
      <p>{settings.codesHint}</p>
      <ul className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={styles.buttons}>
        <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
          {isCopied ? settings.copied : settings.copy}
        </Button>
        <Button onClick={() => save(text)}>{settings.download}</Button>
        <Button kind="main" onClick={onKept}>
          {settings.kept}
        </Button>
      </div>
    </section>
  )
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'fanone-recovery-codes.txt'
  link.click()
  URL.revokeObjectURL(url)
}
