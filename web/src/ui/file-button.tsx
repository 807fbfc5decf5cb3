import type { ReactNode } from 'react'
import styles from './button.module.css'

/** A button that lets one choose files of this device. */
export function FileButton({
  kind = 'plain',
  accept,
  multiple = false,
  capture,
  onFiles,
  children,
}: {
  kind?: 'plain' | 'main'
  accept: string
  multiple?: boolean
  /** Takes a picture with the camera that looks away from the person, where there is one. */
  capture?: 'environment'
  onFiles: (files: File[]) => void
  children: ReactNode
}) {
  return (
    <label className={styles.button} data-kind={kind}>
      {children}
      <input
        className="unseen"
        type="file"
        accept={accept}
        multiple={multiple}
        capture={capture}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])]
          // The same file may be chosen again.
          currentTarget.value = ''
          if (files.length > 0) onFiles(files)
        }}
      />
    </label>
  )
}
