import type { ComponentProps } from 'react'
import styles from './button.module.css'
import { Icon, type IconName } from './icon.tsx'

export function Button({ kind = 'plain', ...rest }: ComponentProps<'button'> & { kind?: 'plain' | 'main' }) {
  return <button type="button" {...rest} className={styles.button} data-kind={kind} />
}

/** A button that shows an icon alone: its label is its name and its tooltip. */
export function IconButton({
  icon,
  label,
  filled = false,
  ...rest
}: ComponentProps<'button'> & { icon: IconName; label: string; filled?: boolean }) {
  return (
    <button type="button" {...rest} className={styles.icon} aria-label={label} title={label}>
      <Icon name={icon} filled={filled} />
    </button>
  )
}
