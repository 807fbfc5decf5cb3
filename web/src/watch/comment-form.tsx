import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { useState } from 'react'
import { api, query } from '../api/client.ts'
import { problemOf } from '../api/problem.ts'
import { useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { Button } from '../ui/button.tsx'
import { useReason } from '../ui/states.tsx'
import styles from './comments.module.css'

/** Says something about a video; what was typed stays until it has arrived. */
export function CommentForm({ videoId }: { videoId: number }) {
  const { account } = useText()
  const current = useSession()
  const client = useQueryClient()
  const { href } = useLocation()
  const [typed, setTyped] = useState('')
  const { mutate, error, isPending } = useMutation({
    meta: { inPlace: true },
    mutationFn: (text: string) => api.comments.create({ id: videoId, text }),
    onSuccess: async () => {
      setTyped('')
      await Promise.all([
        client.invalidateQueries({ queryKey: query.comments.list.key() }),
        client.invalidateQueries({ queryKey: query.videos.get.key() }),
      ])
    },
  })
  const reason = useReason(error)
  const problems: Record<string, string> = account.problems
  if (current.state === 'visitor')
    return (
      <Link to="/login" search={{ to: href }} className={styles.join}>
        {account.logInToSay}
      </Link>
    )
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (typed.trim() !== '') mutate(typed.trim())
      }}
    >
      <textarea
        aria-label={account.say}
        placeholder={account.say}
        value={typed}
        rows={2}
        maxLength={1_000}
        onChange={({ target }) => setTyped(target.value)}
      />
      {error && (
        <p role="alert" className={styles.refusal}>
          {problems[problemOf(error)?.code ?? ''] ?? reason}
        </p>
      )}
      <Button type="submit" kind="main" disabled={isPending || typed.trim() === ''}>
        {account.send}
      </Button>
    </form>
  )
}
