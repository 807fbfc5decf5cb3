/** File names that must never appear on a disk, each with a mark to search for. */
export function hostileNames(mark: string): [what: string, name: string][] {
  return [
    ['a path upwards', `../../../../${mark}.mp4`],
    ['a Windows path upwards', `..\\..\\${mark}.mp4`],
    ['an encoded path', `..%2f..%2f${mark}.mp4`],
    ['an absolute path', `/tmp/${mark}.mp4`],
    ['a device', `C:\\CON.${mark}`],
    ['NUL', `${mark}.mp4\0.jpg`],
    ['emoji and 4-byte characters', `🎬𠜎${mark}𝄞.mp4`],
    ['bytes that are no UTF-8', `\u00ff\u00fe${mark}.mp4`],
    ['255 bytes', `${mark}${'a'.repeat(251 - mark.length)}.mp4`],
    ['5,000 bytes', `${mark}${'界'.repeat(1_600)}.mp4`],
    ['a direction turned round', `${mark}\u202egpj.mp4`],
    ['a shell command', `$(touch /tmp/${mark})\`touch ${mark}\`;|&${mark}.mp4`],
    ['an option of a program', `-i ${mark}.mp4`],
    ['a URL', `http://127.0.0.1:1/${mark}.mp4`],
    ['nothing but dots', `..`],
    ['nothing', ``],
    ['a name of Object', `__proto__${mark}`],
  ]
}
