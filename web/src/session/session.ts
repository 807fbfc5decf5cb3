import type { V1Session, V1User } from '@fanone/contracts/gateway'
import { readPreference, writePreference } from '../lib/preferences.ts'

/** Who uses the site: nobody knows yet, a visitor, or a member. */
export type Session = { state: 'unknown' } | { state: 'visitor' } | { state: 'member'; user: V1User }

interface Token {
  text: string
  /** In ms after 1970, some seconds before the gateway refuses it. */
  endsAt: number
}

/** What tabs tell each other. */
type News = { kind: 'renewed'; user: V1User; token: Token } | { kind: 'ended' }

/** A token is renewed so long before its end, so that none ends on its way. */
const EARLY_MS = 30_000
const LOCK = 'fanone.session'
/** How long the news of a tab that renewed may be behind the lock that it gave back. */
const NEWS_MS = 500

/**
 * The session of this browser. The access token is in memory only; the refresh token is in a cookie
 * that no script reads. One tab renews at a time, and tells the others.
 */
export class SessionStore {
  #session: Session = { state: 'unknown' }
  #token: Token | undefined
  readonly #listeners = new Set<() => void>()
  readonly #channel = new BroadcastChannel(LOCK)
  readonly #renew: () => Promise<V1Session>
  readonly #onChange: () => void

  /**
   * @param options.renew swaps the cookie for new tokens
   * @param options.onChange called where another person, or nobody, uses the site from now on
   */
  constructor(options: { renew: () => Promise<V1Session>; onChange: () => void }) {
    this.#renew = options.renew
    this.#onChange = options.onChange
    this.#channel.onmessage = ({ data }: MessageEvent<News>) => {
      if (data.kind === 'renewed') this.#be(data.user, data.token)
      else this.#beVisitor()
    }
  }

  current = (): Session => this.#session

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The access token, renewed where it must be; undefined for visitors. */
  async token(): Promise<string | undefined> {
    if (this.#session.state === 'visitor') return undefined
    if (!this.#isFresh()) await this.#renewInTurn()
    return this.#token?.text
  }

  /** Begins with the tokens of an answer, in all tabs. */
  begin({ user, tokens }: V1Session): void {
    const token = { text: tokens.accessToken, endsAt: Date.now() + tokens.expiresInSeconds * 1_000 - EARLY_MS }
    this.#be(user, token)
    this.#tell({ kind: 'renewed', user, token })
  }

  /** The member has changed their profile; all tabs show it. */
  update(user: V1User): void {
    if (this.#session.state !== 'member' || this.#token === undefined) return
    this.#be(user, this.#token)
    this.#tell({ kind: 'renewed', user, token: this.#token })
  }

  /**
   * Finds out what the refusal of an access token means: the session has ended, or goes on with the
   * next one.
   */
  async doubt(token: string): Promise<void> {
    if (this.#token?.text !== token) return
    this.#token = undefined
    await this.token()
  }

  /** Forgets the session, in all tabs. */
  end(): void {
    this.#beVisitor()
    this.#tell({ kind: 'ended' })
  }

  #isFresh = () => this.#token !== undefined && Date.now() < this.#token.endsAt

  async #renewInTurn(): Promise<void> {
    const isFirst = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (lock) await this.#renewUnlessDone()
      return lock !== null
    })
    if (isFirst) return
    await navigator.locks.request(LOCK, async () => {
      await this.#news()
      await this.#renewUnlessDone()
    })
  }

  /** Until the tab before has told how it went; not for long, since it may have been closed. */
  #news(): Promise<void> {
    if (this.#isSettled()) return Promise.resolve()
    return new Promise((resolve) => {
      const stop = this.subscribe(() => end())
      const late = setTimeout(() => end(), NEWS_MS)
      const end = () => {
        clearTimeout(late)
        stop()
        resolve()
      }
    })
  }

  #isSettled = () => this.#isFresh() || this.#session.state === 'visitor'

  async #renewUnlessDone(): Promise<void> {
    if (this.#isSettled()) return
    if (readPreference('member') !== 'yes') return this.#beVisitor()
    try {
      this.begin(await this.#renew())
    } catch (error) {
      if (isRefusal(error)) this.end()
      else throw error
    }
  }

  #be(user: V1User, token: Token): void {
    const isOther = this.#session.state !== 'member' || this.#session.user.id !== user.id
    const wasKnown = this.#session.state !== 'unknown'
    this.#token = token
    this.#session = { state: 'member', user }
    writePreference('member', 'yes')
    this.#changed(isOther && wasKnown)
  }

  #beVisitor(): void {
    const wasMember = this.#session.state === 'member'
    this.#token = undefined
    this.#session = { state: 'visitor' }
    writePreference('member', 'no')
    this.#changed(wasMember)
  }

  #changed(isOther: boolean): void {
    for (const listener of this.#listeners) listener()
    if (isOther) this.#onChange()
  }

  #tell(news: News): void {
    this.#channel.postMessage(news)
  }
}

/** The cookie is missing, used up or ended; anything else may pass. */
function isRefusal(error: unknown): boolean {
  const status = (error as { status?: number }).status
  return status !== undefined && status >= 400 && status < 429
}
