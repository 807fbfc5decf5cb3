import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { session } from '../api/client.ts'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { Refusal } from '../ui/form.tsx'
import { hasPasskeys, logInWithPasskey } from './passkeys.ts'

/** Logs in without a password, where the browser can. */
export function PasskeyLogIn({ to }: { to: string }) {
  const { passkeys } = useText()
  const navigate = useNavigate()
  const sending = useMutation({
    meta: { inPlace: true },
    mutationFn: logInWithPasskey,
    onSuccess: async (answer) => {
      session.begin(answer)
      await navigate({ href: to, replace: true })
    },
  })
  if (!hasPasskeys) return null
  return (
    <>
      {sending.error && <Refusal error={sending.error} />}
      <Button disabled={sending.isPending} onClick={() => sending.mutate()}>
        {passkeys.logIn}
      </Button>
    </>
  )
}
