import type { ReactNode } from 'react'
import styles from './drop-zone.module.css'
import { Icon, type IconName } from './icon.tsx'
import { useGivenFiles } from './use-given-files.ts'

/** Takes files that are dropped anywhere on the page or pasted; its buttons are its content. */
export function DropZone({
  icon,
  title,
  hint,
  isSmall = false,
  onFiles,
  children,
}: {
  icon: IconName
  title: string
  hint: string
  isSmall?: boolean
  onFiles: (files: File[]) => void
  children: ReactNode
}) {
  const isOver = useGivenFiles(onFiles)
  return (
    <section className={styles.zone} data-over={isOver} data-small={isSmall}>
      <Icon name={icon} />
      <p className={styles.title}>{title}</p>
      <p className={styles.buttons}>{children}</p>
      <p className={styles.hint}>{hint}</p>
    </section>
  )
}
