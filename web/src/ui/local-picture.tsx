import { useEffect, useRef, useState } from 'react'

/** Shows what was drawn: as `blob:` in an image it would have to be allowed on every page. */
export function DrawnPicture({ picture }: { picture: HTMLCanvasElement | ImageBitmap }) {
  const place = useRef<HTMLCanvasElement>(null)
  useEffect(() => place.current?.getContext('2d')?.drawImage(picture, 0, 0), [picture])
  return <canvas ref={place} width={picture.width} height={picture.height} />
}

/** Shows a picture of this device, at most so many pixels wide. */
export function LocalPicture({ picture, maxWidth }: { picture: Blob; maxWidth: number }) {
  const [bitmap, setBitmap] = useState<ImageBitmap>()
  useEffect(() => {
    let isOver = false
    void createImageBitmap(picture, { resizeWidth: maxWidth }).then((made) => !isOver && setBitmap(made))
    return () => {
      isOver = true
    }
  }, [picture, maxWidth])
  return bitmap ? <DrawnPicture picture={bitmap} /> : null
}
