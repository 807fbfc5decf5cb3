import { useText } from '../i18n/language.tsx'
import { Dialog } from '../ui/dialog.tsx'
import styles from './key-map.module.css'

/** What the keys do. */
export function KeyMap({ onClose }: { onClose: () => void }) {
  const { keys } = useText()
  const rows = [
    ['↑ ↓', keys.move],
    ['␣', keys.play],
    ['M', keys.mute],
    ['?', keys.help],
  ]
  return (
    <Dialog title={keys.title} onClose={onClose}>
      <dl className={styles.map}>
        {rows.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
