import styles from './icon.module.css'

/** Drawn on a grid of 24, with a line of 1.75 unless they are filled. */
const shapes = {
  newest: 'M4 11.5 12 5l8 6.5V20h-5.5v-5h-5v5H4z',
  popular:
    'M12 3c.6 3.4 5.5 5.6 5.5 10.4A5.5 5.5 0 0 1 6.5 13c0-2 1-3.2 2-4.2.2 1.4.9 2.2 1.7 2.5C10 8.600 10.300 5.600 12 3z',
  search: 'M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.500 15.500 20 20',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  heart:
    'M12 20s-7.500-4.600-7.500-10.200A4.300 4.300 0 0 1 12 7a4.300 4.300 0 0 1 7.500 2.800C19.500 15.400 12 20 12 20z',
  comment: 'M4 5.500h16v11h-8.500L7 20v-3.500H4z',
  link: 'M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1',
  play: 'M8 5.500v13l11-6.500z',
  pause: 'M8 5.500v13M16 5.500v13',
  sound: 'M4 9.500h3.500L12 6v12l-4.500-3.500H4zM15.500 9a4.200 4.200 0 0 1 0 6M17.800 6.500a8 8 0 0 1 0 11',
  muted: 'M4 9.500h3.500L12 6v12l-4.500-3.500H4zM16 9.500l5 5M21 9.500l-5 5',
  up: 'M6 14.500 12 8.500l6 6',
  down: 'M6 9.500l6 6 6-6',
  keyboard: 'M3.500 7h17v10h-17zM7 10.500h.01M10.300 10.500h.01M13.700 10.500h.01M17 10.500h.01M8 14h8',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  window: 'M4 5.500h16v13H4zM12 12h6v4.500h-6z',
  close: 'M6 6l12 12M18 6 6 18',
  people:
    'M9 5a3.400 3.400 0 1 1 0 6.800A3.400 3.400 0 0 1 9 5zM2.500 19.500c.500-3.600 3-5.500 6.500-5.500s6 1.900 6.500 5.500M16 5.300a3.400 3.400 0 0 1 0 6.300M18 14.500c2 .8 3.200 2.500 3.500 5',
  camera: 'M3.500 8h4L9 5.500h6L16.500 8h4v11h-17zM12 10a3.200 3.200 0 1 1 0 6.400 3.200 3.200 0 0 1 0-6.400z',
  upload: 'M12 15.5v-11M7.5 9 12 4.5 16.5 9M4.500 15v4.500h15V15',
  person:
    'M12 4.500a3.800 3.800 0 1 1 0 7.600 3.800 3.800 0 0 1 0-7.600zM4.500 20c.6-4 3.600-6 7.500-6s6.900 2 7.500 6',
} as const
export type IconName = keyof typeof shapes

/** An icon beside or instead of a word; whoever uses it alone names its button. */
export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg className={styles.icon} viewBox="0 0 24 24" aria-hidden="true" data-filled={filled}>
      <path d={shapes[name]} />
    </svg>
  )
}
