import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, session } from '../api/client.ts'
import { type Language, languages, useSpoken, useText } from '../i18n/language.tsx'
import { useSession } from '../session/use-session.ts'
import { type Theme, themes, useTheme } from '../theme/theme.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import styles from './preferences.module.css'

/** Language and appearance, kept in this browser. */
export function Preferences({ onClose }: { onClose: () => void }) {
  const { language, choose, text } = useSpoken()
  const [theme, setTheme] = useTheme()
  const { site } = text
  const names: Record<Theme, string> = { system: site.themeSystem, light: site.themeLight, dark: site.themeDark }
  return (
    <Dialog title={site.settings} onClose={onClose}>
      <Choice name={site.language} value={language} onChoose={choose} options={Object.entries(languages)} />
      <Choice name={site.theme} value={theme} onChoose={setTheme} options={themes.map((one) => [one, names[one]])} />
      <Own onDone={onClose} />
      <p className={styles.more}>
        <a href="/docs">{site.about}</a>
      </p>
    </Dialog>
  )
}

/** Who is logged in, the way to what they can change, and out. */
function Own({ onDone }: { onDone: () => void }) {
  const { account, settings } = useText()
  const current = useSession()
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.sessions.logOut(),
    onSuccess: () => {
      session.end()
      onDone()
    },
  })
  if (current.state !== 'member') return null
  return (
    <div className={styles.own}>
      <bdi>{current.user.name}</bdi>
      <Link to="/settings/profile" className={styles.account} onClick={onDone}>
        {settings.title}
      </Link>
      <Button disabled={isPending} onClick={() => mutate()}>
        {account.logOut}
      </Button>
    </div>
  )
}

function Choice<Value extends Language | Theme>({
  name,
  value,
  options,
  onChoose,
}: {
  name: string
  value: Value
  options: readonly (readonly [string, string])[]
  onChoose: (value: Value) => void
}) {
  return (
    <fieldset className={styles.choice}>
      <legend>{name}</legend>
      {options.map(([option, label]) => (
        <label key={option} lang={option in languages ? option : undefined}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChoose(option as Value)} />
          {label}
        </label>
      ))}
    </fieldset>
  )
}
