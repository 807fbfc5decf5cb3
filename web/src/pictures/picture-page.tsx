import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { asJpeg } from '../lib/pictures.ts'
import { useSession } from '../session/use-session.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { FileButton } from '../ui/file-button.tsx'
import { LocalPicture } from '../ui/local-picture.tsx'
import { Empty, Loading } from '../ui/states.tsx'
import { useTitle } from '../ui/use-title.ts'
import { Found } from './found.tsx'
import styles from './pictures.module.css'

/** A picture that was searched by. It stays for who looks at a result and comes back. */
interface Chosen {
  userId: number
  /** Tells it from others. */
  number: number
  picture: Blob
}
let chosen: Chosen | undefined

const SHOWN_WIDTH = 480

/** Finds videos and people by a picture. */
export function PicturePage() {
  const { pictures, account } = useText()
  const current = useSession()
  useTitle(pictures.title)
  return (
    <div className={styles.page}>
      <h1>{pictures.title}</h1>
      {current.state === 'unknown' && <Loading shape="player" count={1} />}
      {current.state === 'visitor' && (
        <Empty title={pictures.logIn}>
          <Link to="/login" search={{ to: '/pictures' }} className={styles.logIn}>
            {account.logIn}
          </Link>
        </Empty>
      )}
      {current.state === 'member' && <PictureSearch key={current.user.id} userId={current.user.id} />}
    </div>
  )
}

function PictureSearch({ userId }: { userId: number }) {
  const { pictures } = useText()
  const [shown, setShown] = useState(chosen?.userId === userId ? chosen : undefined)
  const [isBad, setBad] = useState(false)
  const search = async ([file]: File[]) => {
    if (!file) return
    try {
      chosen = { userId, number: (chosen?.number ?? 0) + 1, picture: await asJpeg(file) }
      setShown(chosen)
      setBad(false)
    } catch {
      setBad(true)
    }
  }
  return (
    <>
      <DropZone
        icon="camera"
        title={pictures.drop}
        hint={pictures.hint}
        isSmall={shown !== undefined}
        onFiles={(files) => void search(files)}
      >
        <FileButton kind="main" accept="image/*" onFiles={(files) => void search(files)}>
          {pictures.choose}
        </FileButton>
        <span className={styles.take}>
          <FileButton accept="image/*" capture="environment" onFiles={(files) => void search(files)}>
            {pictures.take}
          </FileButton>
        </span>
      </DropZone>
      {isBad && (
        <p role="alert" className={styles.refusal}>
          {pictures.bad}
        </p>
      )}
      {shown && (
        <>
          <figure className={styles.chosen}>
            <LocalPicture picture={shown.picture} maxWidth={SHOWN_WIDTH} />
            <figcaption>{pictures.chosen}</figcaption>
          </figure>
          <Found picture={shown.picture} searchKey={`${userId} ${shown.number}`} />
        </>
      )}
    </>
  )
}
