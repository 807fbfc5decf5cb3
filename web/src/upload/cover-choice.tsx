import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { duration } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { asJpeg } from '../lib/pictures.ts'
import { FileButton } from '../ui/file-button.tsx'
import { DrawnPicture, LocalPicture } from '../ui/local-picture.tsx'
import { Frames } from './frames.ts'
import styles from './upload.module.css'
import type { Cover } from './upload-queue.ts'

const THUMB_WIDTH = 256
/** Where the frames are that one may choose from, as parts of the whole. */
const PLACES = [0.05, 0.25, 0.45, 0.65, 0.85]

interface Thumb {
  seconds: number
  picture: HTMLCanvasElement
}

/** The cover: drawn by itself, a frame of the video, or a picture of one's own. */
export function CoverChoice({
  file,
  cover,
  onChoose,
}: {
  file: File
  cover: Cover | undefined
  onChoose: (cover: Cover | undefined) => void
}) {
  const { upload } = useText()
  const { frames, thumbs, isBroken } = useThumbs(file)
  const [isBad, setBad] = useState(false)
  const [shown, setShown] = useState(cover?.from)
  const turn = useRef(0)
  const choose = async (from: Cover['from'], draw: () => Promise<Blob>) => {
    const mine = ++turn.current
    setShown(from)
    try {
      const picture = await draw()
      setBad(false)
      // Who chose another one meanwhile means that one.
      if (mine === turn.current) onChoose({ from, picture })
    } catch {
      setBad(true)
      setShown(cover?.from)
    }
  }
  const name = useId()
  const option = (label: string, isChosen: boolean, onChange: () => void, content: ReactNode) => (
    <label className={styles.cover} title={label}>
      <input type="radio" name={name} aria-label={label} checked={isChosen} onChange={onChange} />
      {content}
    </label>
  )
  const automatic = () => {
    turn.current++
    setShown(undefined)
    onChoose(undefined)
  }
  return (
    <fieldset className={styles.covers}>
      <legend>{upload.cover}</legend>
      <div>
        {option(upload.automatic, shown === undefined, automatic, <span>{upload.automatic}</span>)}
        {thumbs.map(({ seconds, picture }) => (
          <span key={seconds}>
            {option(
              upload.frameAt(duration(seconds)),
              shown === seconds,
              () => frames && void choose(seconds, () => frames.cover(seconds)),
              <DrawnPicture picture={picture} />,
            )}
          </span>
        ))}
        {cover?.from === 'picture' &&
          option(
            upload.ownPicture,
            shown === 'picture',
            () => undefined,
            <LocalPicture picture={cover.picture} maxWidth={THUMB_WIDTH} />,
          )}
      </div>
      <FileButton accept="image/*" onFiles={([own]) => own && void choose('picture', () => asJpeg(own))}>
        {upload.ownPicture}
      </FileButton>
      {isBroken && <p className={styles.soft}>{upload.noFrames}</p>}
      {isBad && (
        <p role="alert" className={styles.refusal}>
          {upload.badPicture}
        </p>
      )}
    </fieldset>
  )
}

/** Frames of a file, one after the other as they are drawn. */
function useThumbs(file: File) {
  const [frames, setFrames] = useState<Frames>()
  const [thumbs, setThumbs] = useState<readonly Thumb[]>([])
  const [isBroken, setBroken] = useState(false)
  useEffect(() => {
    let isOver = false
    const opened = Frames.open(file)
    const drawAll = async () => {
      const source = await opened
      if (isOver) return
      setFrames(source)
      for (const place of PLACES) {
        const seconds = source.durationSeconds * place
        const picture = await source.draw(seconds, THUMB_WIDTH)
        if (isOver) return
        setThumbs((drawn) => [...drawn, { seconds, picture }])
      }
    }
    drawAll().catch(() => !isOver && setBroken(true))
    return () => {
      isOver = true
      setThumbs([])
      opened.then((source) => source.close()).catch(() => undefined)
    }
  }, [file])
  return { frames, thumbs, isBroken }
}
