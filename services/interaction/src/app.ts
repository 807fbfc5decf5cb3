import { type Kit, KnownUsers, SensitiveWords, type ServiceParts } from '@fanone/service-kit'
import type service from '../service.ts'
import { CascadeRepository } from './cascade/cascade.repository.ts'
import { cascadeWorker } from './cascade/cascade.worker.ts'
import { commentOperations } from './comment/comment.operations.ts'
import { CommentRepository } from './comment/comment.repository.ts'
import { CommentService } from './comment/comment.service.ts'
import { contentEvents } from './content/content.events.ts'
import { ContentRepository } from './content/content.repository.ts'
import { ContentService, type GetVideos } from './content/content.service.ts'
import { countersEvents } from './counters/counters.events.ts'
import { CountersRepository } from './counters/counters.repository.ts'
import { LikeChanges } from './like/like.changes.ts'
import { likeOperations } from './like/like.operations.ts'
import { LikeRepository } from './like/like.repository.ts'
import { LikeService } from './like/like.service.ts'
import { removalEvents } from './removal/removal.events.ts'
import { VisitChanges } from './visit/visit.changes.ts'
import { visitOperations } from './visit/visit.operations.ts'
import { visitPurge } from './visit/visit.purge.ts'
import { VisitRepository } from './visit/visit.repository.ts'
import { VisitService } from './visit/visit.service.ts'

/** Timeout of a call to the video service; less than the two seconds of our caller's sidecar. */
const ASK_TIMEOUT_MS = 1_000

export async function createApp(kit: Kit<typeof service>): Promise<ServiceParts<typeof service>> {
  const { config, database, log } = kit
  const words = await SensitiveWords.open(config, log)
  const video = kit.client('video')
  const user = kit.client('user')
  const soon = { context: { timeoutMs: ASK_TIMEOUT_MS } }
  const getVideos: GetVideos = (input) => video.videos.getMany(input, soon)
  const users = new KnownUsers({ database, getProfiles: (input) => user.profiles.getMany(input, soon), log })
  const contents = new ContentRepository(database)
  const visits = new VisitRepository(database)
  const cascade = cascadeWorker({ database, cascades: new CascadeRepository(database), log })
  const onDeleted = () => cascade.wake()
  const contentService = new ContentService({ contents, getVideos })
  const comments = new CommentRepository(database)
  const commentService = new CommentService({ database, words, comments, contents: contentService, users, onDeleted })
  return {
    operations: {
      likes: likeOperations(
        new LikeService({
          likes: new LikeRepository(database),
          changes: new LikeChanges(database),
          contents: contentService,
        }),
      ),
      comments: commentOperations(commentService),
      visits: visitOperations(
        new VisitService({ visits, changes: new VisitChanges(database), contents: contentService }),
      ),
    },
    handlers: {
      ...contentEvents({ database, contents, onDeleted }),
      ...removalEvents(commentService),
      ...users.handlers,
      ...countersEvents(new CountersRepository(database)),
    },
    workers: { 'sensitive words': words, 'cascade deletion': cascade, 'visit purge': visitPurge({ visits, log }) },
  }
}
