import type { V1User } from '@fanone/contracts/gateway'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, useRef, useState } from 'react'
import { patchPages } from '../actions/patch-pages.ts'
import { api, query, session } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Button } from '../ui/button.tsx'
import { Field, Form, Refusal } from '../ui/form.tsx'
import { Failure, Loading } from '../ui/states.tsx'
import { CropDialog } from './crop-dialog.tsx'
import styles from './settings.module.css'

const PICTURES = 'image/jpeg,image/png,image/webp,image/avif'

/** How others see one: name, signature and pictures. */
export function ProfileSettings() {
  const { data, error, refetch } = useQuery(query.users.getMe.queryOptions())
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (!data) return <Loading shape="line" count={4} />
  return (
    <>
      <AvatarChoice user={data} />
      <BackgroundChoice user={data} />
      <Words user={data} />
    </>
  )
}

/** Shows what a change of the profile answered, wherever the user is shown. */
function useChange<Input>(change: (input: Input) => Promise<V1User>) {
  const client = useQueryClient()
  return useMutation({
    meta: { inPlace: true },
    mutationFn: change,
    onSuccess: (user) => {
      session.update(user)
      patchPages(
        client,
        (thing) => thing.id === user.id && 'username' in thing,
        () => user,
      )
    },
  })
}

function Words({ user }: { user: V1User }) {
  const { settings } = useText()
  const sending = useChange((form: FormData) =>
    api.users.editMe({ name: String(form.get('name')).trim(), signature: String(form.get('signature')).trim() }),
  )
  return (
    <Form sending={sending} action={settings.save} done={settings.saved}>
      <Field label={settings.name} rule={settings.nameRule}>
        {(described) => (
          <input {...described} name="name" required maxLength={64} autoComplete="nickname" defaultValue={user.name} />
        )}
      </Field>
      <Field label={settings.signature} rule={settings.signatureRule}>
        {(described) => (
          <textarea {...described} name="signature" rows={3} maxLength={400} defaultValue={user.signature} />
        )}
      </Field>
    </Form>
  )
}

/** Who has no picture gets one that is drawn from the id. */
const isDrawn = (url: string) => url.includes('/default-avatars/')

function AvatarChoice({ user }: { user: V1User }) {
  const { settings } = useText()
  const [picture, setPicture] = useState<ImageBitmap>()
  const { mutate, error, isPending } = useChange((file: File | undefined) =>
    file ? api.pictures.setAvatar({ file }) : api.users.removeAvatar(),
  )
  const [isUnreadable, setUnreadable] = useState(false)
  const open = (file: File) => {
    setUnreadable(false)
    createImageBitmap(file).then(setPicture, () => setUnreadable(true))
  }
  return (
    <section className={styles.section}>
      <h2>{settings.avatar}</h2>
      <div className={styles.picture}>
        <Avatar url={user.avatarUrl} size={96} />
        <div className={styles.buttons}>
          <PickPicture label={settings.chooseAvatar} isBusy={isPending} onPick={open} />
          {!isDrawn(user.avatarUrl) && (
            <Button disabled={isPending} onClick={() => mutate(undefined)}>
              {settings.removePicture}
            </Button>
          )}
        </div>
      </div>
      {isUnreadable && (
        <p role="alert" className={styles.soft}>
          {settings.unreadable}
        </p>
      )}
      {error && <Refusal error={error} />}
      {picture && (
        <CropDialog
          picture={picture}
          onClose={() => setPicture(undefined)}
          onCropped={(file) => {
            setPicture(undefined)
            mutate(file)
          }}
        />
      )}
    </section>
  )
}

function BackgroundChoice({ user }: { user: V1User }) {
  const { settings } = useText()
  const { mutate, error, isPending } = useChange((file: File | undefined) =>
    file ? api.pictures.setBackground({ file }) : api.users.removeBackground(),
  )
  return (
    <section className={styles.section}>
      <h2>{settings.background}</h2>
      {user.backgroundUrl && <img className={styles.background} src={user.backgroundUrl} alt="" />}
      <div className={styles.buttons}>
        <PickPicture label={settings.chooseBackground} isBusy={isPending} onPick={mutate} />
        {user.backgroundUrl && (
          <Button disabled={isPending} onClick={() => mutate(undefined)}>
            {settings.removePicture}
          </Button>
        )}
      </div>
      {error && <Refusal error={error} />}
    </section>
  )
}

/** A button that lets one choose a picture of the device. */
function PickPicture(props: { label: string; isBusy: boolean; onPick: (file: File) => void }) {
  const { label, isBusy, onPick } = props
  const input = useRef<HTMLInputElement>(null)
  const pick = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? []
    if (file) onPick(file)
    // The same file can be chosen again.
    target.value = ''
  }
  return (
    <>
      <input ref={input} type="file" accept={PICTURES} hidden aria-label={label} onChange={pick} />
      <Button disabled={isBusy} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  )
}
