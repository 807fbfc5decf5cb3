import { useState } from 'react'
import { problemOf } from '../api/problem.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { FileButton } from '../ui/file-button.tsx'
import { CoverChoice } from './cover-choice.tsx'
import { keyOf } from './kept-uploads.ts'
import { Published } from './published.tsx'
import styles from './upload.module.css'
import type { UploadItem, UploadQueue } from './upload-queue.ts'
import { UploadState } from './upload-state.tsx'

/** What pickers offer; the server looks at the file itself. */
export const VIDEOS = 'video/*,.mkv,.mov'

interface CardProps {
  item: UploadItem
  queue: UploadQueue
}

/** One upload: how far it is, what it will be, and what can be done with it. */
export function UploadCard({ item, queue }: CardProps) {
  const { size } = useFormats()
  if (item.video) return <Published item={item} video={item.video} queue={queue} />
  return (
    <article className={styles.card} aria-label={item.name}>
      <h2 className={styles.name}>
        <bdi>{item.name}</bdi> <small>{size(item.sizeBytes)}</small>
      </h2>
      <UploadState item={item} />
      <Transfer item={item} queue={queue} />
      {!isHopeless(item.error) && <Description item={item} queue={queue} />}
    </article>
  )
}

/** Whether the file is what nobody can publish. */
const isHopeless = (error: unknown) => ['not_a_video', 'unsupported_media_type'].includes(problemOf(error)?.code ?? '')

/** Stops it, lets it go on, ends it. */
function Transfer({ item, queue }: CardProps) {
  const { upload, states } = useText()
  const { key, state, error } = item
  const [isOther, setOther] = useState(false)
  const giveBack = ([file]: File[]) => {
    if (!file) return
    setOther(keyOf(file) !== key)
    if (keyOf(file) === key) queue.add([file])
  }
  if (state === 'publishing') return null
  return (
    <div className={styles.actions}>
      {(state === 'sending' || state === 'waiting') && <Button onClick={() => queue.pause(key)}>{upload.pause}</Button>}
      {state === 'paused' && <Button onClick={() => queue.goOn(key)}>{error ? states.tryAgain : upload.goOn}</Button>}
      {state === 'missing' && (
        <FileButton kind="main" accept={VIDEOS} onFiles={giveBack}>
          {upload.chooseAgain}
        </FileButton>
      )}
      <Button onClick={() => queue.remove(key)}>
        {state === 'missing' || state === 'stored' ? upload.discard : upload.cancel}
      </Button>
      {isOther && (
        <p role="alert" className={styles.refusal}>
          {upload.otherFile(item.name)}
        </p>
      )}
    </div>
  )
}

/** What it will be called and look like, and when it is published. */
function Description({ item, queue }: CardProps) {
  const { upload } = useText()
  const { key, state, title, description, file, cover, isWanted } = item
  const isTitled = title.trim() !== ''
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (isTitled) queue.publish(key)
      }}
    >
      <fieldset disabled={state === 'publishing'}>
        <label className={styles.field}>
          {upload.videoTitle}
          <input
            value={title}
            maxLength={100}
            required
            onChange={({ target }) => queue.describe(key, { title: target.value })}
          />
          <small>{upload.titleRule}</small>
        </label>
        <label className={styles.field}>
          {upload.description}
          <textarea
            value={description}
            maxLength={2_000}
            rows={3}
            onChange={({ target }) => queue.describe(key, { description: target.value })}
          />
        </label>
        {file && <CoverChoice file={file} cover={cover} onChoose={(chosen) => queue.chooseCover(key, chosen)} />}
        <p className={styles.actions}>
          {isWanted && state !== 'stored' && state !== 'publishing' ? (
            <>
              <span>{upload.willPublish}</span>
              <Button onClick={() => queue.hold(key)}>{upload.notYet}</Button>
            </>
          ) : (
            <Button
              type="submit"
              kind={state === 'missing' ? 'plain' : 'main'}
              disabled={!isTitled || state === 'publishing'}
            >
              {state === 'stored' || state === 'publishing' ? upload.publish : upload.publishLater}
            </Button>
          )}
        </p>
      </fieldset>
    </form>
  )
}
