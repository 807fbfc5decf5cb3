import styles from './avatar.module.css'

/** The picture of a user; the name stands beside it, so it says nothing itself. */
export function Avatar({ url, size = 40 }: { url: string; size?: 32 | 40 | 96 }) {
  return <img className={styles.avatar} src={url} alt="" width={size} height={size} loading="lazy" decoding="async" />
}
