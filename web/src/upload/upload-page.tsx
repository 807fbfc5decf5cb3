import { Link } from '@tanstack/react-router'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { FileButton } from '../ui/file-button.tsx'
import { Empty, Loading } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './upload.module.css'
import { UploadCard, VIDEOS } from './upload-card.tsx'
import { useUploads } from './use-uploads.ts'

/** Where members send videos, say what they are, and publish them. */
export function UploadPage() {
  const { upload, account } = useText()
  const current = useSession()
  useTitle(upload.title)
  return (
    <div className={styles.page}>
      <h1>{upload.title}</h1>
      {current.state === 'unknown' && <Loading shape="player" count={1} />}
      {current.state === 'visitor' && (
        <Empty title={upload.logIn}>
          <Link to="/login" search={{ to: '/upload' }} className={styles.logIn}>
            {account.logIn}
          </Link>
        </Empty>
      )}
      {current.state === 'member' && <Uploads userId={current.user.id} />}
    </div>
  )
}

function Uploads({ userId }: { userId: number }) {
  const { upload } = useText()
  const { queue, items } = useUploads(userId)
  const add = (files: File[]) => queue.add(files)
  return (
    <>
      <DropZone
        icon="upload"
        title={items.length > 0 ? upload.dropMore : upload.drop}
        hint={upload.accepted}
        isSmall={items.length > 0}
        onFiles={add}
      >
        <FileButton kind="main" accept={VIDEOS} multiple onFiles={add}>
          {upload.choose}
        </FileButton>
      </DropZone>
      <ul className={styles.list}>
        {items.map((item) => (
          <li key={item.key}>
            <UploadCard item={item} queue={queue} />
          </li>
        ))}
      </ul>
    </>
  )
}
