import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useText } from '../i18n/language.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { type Crop, cropped, moved, wholeSquare, zoomed } from './crop.ts'
import styles from './settings.module.css'

/** Edge of the square that is sent, in pixels: the largest avatar is 256 wide. */
const EDGE = 512
const MAX_ZOOM = 4
/** What an arrow key moves by, as a share of the square. */
const STEP = 0.04

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
}

/** Chooses the square of a picture that becomes the avatar. */
export function CropDialog({
  picture,
  onCropped,
  onClose,
}: {
  picture: ImageBitmap
  onCropped: (file: File) => void
  onClose: () => void
}) {
  const { settings } = useText()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [crop, setCrop] = useState<Crop>(() => wholeSquare(picture))

  useEffect(() => {
    const { x, y, edge } = cropped(crop, picture)
    const context = canvas.current?.getContext('2d')
    if (!context) return
    // A picture that can be seen through lies on white, because JPEG has no holes.
    context.fillStyle = '#fff'
    context.fillRect(0, 0, EDGE, EDGE)
    context.drawImage(picture, x, y, edge, edge, 0, 0, EDGE, EDGE)
  }, [crop, picture])

  const drag = ({ buttons, movementX, movementY, currentTarget }: PointerEvent) => {
    if (buttons === 0) return
    const shown = currentTarget.clientWidth
    setCrop((before) => moved(before, picture, { x: movementX / shown, y: movementY / shown }))
  }
  const key = (event: KeyboardEvent) => {
    const [x, y] = arrows[event.key] ?? []
    if (x === undefined || y === undefined) return
    event.preventDefault()
    setCrop((before) => moved(before, picture, { x, y }))
  }
  const use = () =>
    canvas.current?.toBlob(
      (blob) => blob && onCropped(new File([blob], 'avatar.jpg', { type: blob.type })),
      'image/jpeg',
      0.92,
    )
  return (
    <Dialog title={settings.crop} onClose={onClose}>
      <div className={styles.crop}>
        <p className={styles.soft}>{settings.cropHint}</p>
        <canvas
          ref={canvas}
          width={EDGE}
          height={EDGE}
          tabIndex={0}
          role="img"
          aria-label={settings.cropHint}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
          onKeyDown={key}
        />
        <label>
          {settings.zoom}
          <input
            type="range"
            min={1}
            max={MAX_ZOOM}
            step={0.01}
            value={crop.zoom}
            onChange={({ target }) => setCrop((before) => zoomed(before, picture, Number(target.value)))}
          />
        </label>
        <Button kind="main" onClick={use}>
          {settings.useCrop}
        </Button>
      </div>
    </Dialog>
  )
}
