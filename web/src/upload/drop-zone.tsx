import { useText } from '../i18n/language.tsx'
import { FileButton } from '../ui/file-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { useDroppedFiles } from '../ui/use-dropped-files.ts'
import styles from './upload.module.css'

/** What pickers offer; the server looks at the file itself. */
export const VIDEOS = 'video/*,.mkv,.mov'

/** Takes videos that are dropped anywhere on the page, or chosen. */
export function DropZone({ isSmall, onFiles }: { isSmall: boolean; onFiles: (files: File[]) => void }) {
  const { upload } = useText()
  const isOver = useDroppedFiles(onFiles)
  return (
    <section className={styles.zone} data-over={isOver} data-small={isSmall}>
      <Icon name="upload" />
      <p className={styles.drop}>{isSmall ? upload.dropMore : upload.drop}</p>
      <FileButton kind="main" accept={VIDEOS} multiple onFiles={onFiles}>
        {upload.choose}
      </FileButton>
      <p className={styles.soft}>{upload.accepted}</p>
    </section>
  )
}
