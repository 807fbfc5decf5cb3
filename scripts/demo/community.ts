/** The people of the demo community. */
export const demoUsers = [
  { username: 'mara', name: 'Mara Lindqvist', signature: 'Patterns, light and slow mornings' },
  { username: 'tomasz', name: 'Tomasz', signature: 'I film what computers dream of' },
  { username: '小雨点', name: '小雨', signature: '喜欢颜色和安静的声音' },
]

export interface DemoClip {
  slug: string
  by: string
  title: string
  description: string
  /** A video source of ffmpeg's lavfi, without size and rate. */
  picture: string
  seconds: number
  toneHz: number
}

const clip = (
  by: string,
  slug: string,
  title: string,
  description: string,
  look: [picture: string, seconds: number, toneHz: number],
): DemoClip => ({
  by,
  slug,
  title,
  description,
  picture: look[0],
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
  ]),
  clip('小雨点', 'gradients', '渐变', '颜色慢慢地走。', ['gradients=speed=0.03', 5, 262]),
  clip('mara', 'mandelbrot', 'Falling into the Mandelbrot set', 'Five seconds of a very long way down.', [
    'mandelbrot',
    5,
    196,
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
]
