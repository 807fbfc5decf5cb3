import { problemOf } from '../api/problem.ts'
import { useFormats } from '../i18n/formats.ts'
import { useText } from '../i18n/language.tsx'
import { useReason } from '../ui/states.tsx'
import styles from './upload.module.css'
import { OtherTab, type UploadItem } from './upload-queue.ts'

/** How far an upload is, and what is the matter with it. */
export function UploadState({ item }: { item: UploadItem }) {
  const { upload } = useText()
  const { sentBytes, sizeBytes, state, isTroubled } = item
  return (
    <div className={styles.state}>
      <progress
        aria-label={upload.progress}
        value={sizeBytes === 0 ? 1 : sentBytes / sizeBytes}
        data-resting={state !== 'sending' || isTroubled}
      />
      <Sentence item={item} />
      {item.error !== undefined && <Refusal error={item.error} />}
    </div>
  )
}

function Sentence({ item }: { item: UploadItem }) {
  const { upload } = useText()
  const { size } = useFormats()
  const { state, isTroubled, sentBytes, sizeBytes } = item
  const [sent, all] = [size(sentBytes), size(sizeBytes)]
  if (state === 'sending' && !isTroubled) return <Progress item={item} />
  const sentences = {
    missing: sentBytes > 0 ? upload.missing(sent, all) : upload.missingNew,
    waiting: upload.waiting,
    sending: upload.trying,
    paused: upload.paused(sent, all),
    stored: upload.stored,
    publishing: upload.publishing,
    published: upload.published,
  }
  return (
    <p role="status" className={styles.soft}>
      {sentences[state]}
    </p>
  )
}

/** Changes all the time, so that it is not announced. */
function Progress({ item: { sentBytes, sizeBytes, bytesPerSecond } }: { item: UploadItem }) {
  const { upload } = useText()
  const { size, rate, span } = useFormats()
  const left = bytesPerSecond ? (sizeBytes - sentBytes) / bytesPerSecond : undefined
  return (
    <p className={styles.soft}>
      <span>{upload.sending(size(sentBytes), size(sizeBytes))}</span>
      {bytesPerSecond !== undefined && <span>{rate(bytesPerSecond)}</span>}
      {left !== undefined && <span>{upload.left(span(left))}</span>}
    </p>
  )
}

function Refusal({ error }: { error: unknown }) {
  const { upload, states } = useText()
  const reason = useReason(error)
  const problem = problemOf(error)
  const problems: Record<string, string> = upload.problems
  return (
    <p role="alert" className={styles.refusal}>
      {error instanceof OtherTab ? upload.otherTab : (problems[problem?.code ?? ''] ?? reason)}
      {problem?.requestId && (
        <small>
          {states.requestId} {problem.requestId}
        </small>
      )}
    </p>
  )
}
