import { type ReactNode, useEffect, useRef } from 'react'
import { useText } from '../i18n/language.tsx'
import { IconButton } from './button.tsx'
import styles from './dialog.module.css'

/** A modal of the browser's own: it keeps the focus, closes by Escape, and covers the rest. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { states } = useText()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className={styles.dialog} aria-label={title} onClose={onClose} closedby="any">
      <header className={styles.head}>
        <h2>{title}</h2>
        <IconButton icon="close" label={states.close} onClick={() => dialog.current?.close()} />
      </header>
      {children}
    </dialog>
  )
}
