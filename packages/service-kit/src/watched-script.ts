/**
 * A script that tells Redis's log when it takes too much of Redis's one thread. By its CPU: a busy
 * machine may leave Redis waiting in the middle of any script, which SLOWLOG cannot tell apart.
 *
 * @param script.name as the log calls it
 * @param limitMs what it may take
 */
export function watchedScript({ name, lua, limitMs }: { name: string; lua: string; limitMs: number }): string {
  return `
local function cpuMs()
  local parts = 'used_cpu_sys_main_thread:(%d+%.%d+)%s+used_cpu_user_main_thread:(%d+%.%d+)'
  local system, user = string.match(redis.call('info', 'cpu'), parts)
  return 1000 * (tonumber(system) + tonumber(user))
end
local function run()
${lua}
end
local before = cpuMs()
local answer = run()
local tookMs = cpuMs() - before
if tookMs > ${limitMs} then
  redis.log(redis.LOG_WARNING, string.format('script ${name} took %.1f ms of CPU', tookMs))
end
return answer
`
}
