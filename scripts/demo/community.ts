/** The people of the demo community. What the last of them publishes last, the feed begins with. */
export const demoUsers = [
  { username: 'tomasz', name: 'Tomasz', signature: 'I film what computers dream of' },
  { username: '小雨点', name: '小雨', signature: '喜欢颜色和安静的声音' },
  { username: 'mara', name: 'Mara Lindqvist', signature: 'Patterns, light and slow mornings' },
]

export interface DemoClip {
  slug: string
  by: string
  title: string
  description: string
  /** A video source of ffmpeg's lavfi, without size and rate. */
  picture: string
  /** As phones film; otherwise as screens are. */
  isUpright: boolean
  seconds: number
  toneHz: number
}

const clip = (
  by: string,
  slug: string,
  title: string,
  description: string,
  look: [picture: string, seconds: number, toneHz: number, shape?: 'upright'],
): DemoClip => ({
  by,
  slug,
  title,
  description,
  picture: look[0],
  isUpright: look[3] === 'upright',
  seconds: look[1],
  toneHz: look[2],
})

/** ffmpeg draws every clip on the user's machine, so nothing is downloaded and nobody owns it. */
export const demoClips: DemoClip[] = [
  clip('mara', 'colour-bars', 'Colour bars at dawn', 'The oldest test picture still looks good.', [
    'smptehdbars',
    4,
    220,
  ]),
  clip('tomasz', 'game-of-life', 'A game of life', 'Cells are born, live and die by three rules.', [
    'life=mold=10:ratio=0.1:death_color=#C83232:life_color=#00ff00',
    5,
    330,
    'upright',
  ]),
  clip('tomasz', 'automaton', 'Rule 110', 'A line of cells that could compute anything.', [
    'cellauto=rule=110',
    4,
    440,
  ]),
  clip('小雨点', 'test-card', '测试卡', '会数秒的测试卡。', ['testsrc2', 4, 294]),
  clip('mara', 'sierpinski', 'Sierpiński carpet, walking', 'A fractal out for a stroll.', [
    'sierpinski=seed=7',
    5,
    247,
  ]),
  clip('tomasz', 'hald', 'All the colours', 'Every colour a small table can hold.', ['testsrc', 4, 349]),
  clip('小雨点', 'yuv', '黄、红、蓝', '三种颜色，三条路。', ['yuvtestsrc', 4, 392]),
  clip('小雨点', 'gradients', '渐变', '颜色慢慢地走。', ['gradients=speed=0.03', 5, 262, 'upright']),
  clip('mara', 'mandelbrot', 'Falling into the Mandelbrot set', 'Five seconds of a very long way down.', [
    'mandelbrot',
    5,
    196,
    'upright',
  ]),
]

/** Who follows whom, by user name. */
export const demoFollows: [follower: string, followed: string][] = [
  ['mara', 'tomasz'],
  ['mara', '小雨点'],
  ['tomasz', 'mara'],
  ['小雨点', 'mara'],
]

/** Who likes which clips, by title. */
export const demoLikes: Readonly<Record<string, string[]>> = {
  mara: ['渐变', 'A game of life', 'All the colours'],
  tomasz: ['Falling into the Mandelbrot set', 'Colour bars at dawn', '渐变'],
  小雨点: ['Falling into the Mandelbrot set', 'A game of life', 'Sierpiński carpet, walking'],
}

export interface DemoComment {
  /** Title of the clip. */
  on: string
  by: string
  text: string
  reply?: { by: string; text: string }
}

export const demoComments: DemoComment[] = [
  {
    on: 'Falling into the Mandelbrot set',
    by: 'tomasz',
    text: 'How deep does this go?',
    reply: { by: 'mara', text: 'As deep as the numbers have digits.' },
  },
  { on: 'Falling into the Mandelbrot set', by: '小雨点', text: '看得有点晕，但是停不下来。' },
  {
    on: 'A game of life',
    by: 'mara',
    text: 'The green ones are winning.',
    reply: { by: 'tomasz', text: 'Wait for the next five seconds.' },
  },
  { on: '渐变', by: 'mara', text: 'I could watch this all morning.' },
  { on: 'Colour bars at dawn', by: 'tomasz', text: 'My first television had only this.' },
  { on: 'Rule 110', by: '小雨点', text: '一条线也能算出一切？' },
]
