/** Whether AWS calls stay on this machine. */

const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What would be called beyond this machine, a phrase each; none: every call goes to a loopback endpoint. */
export function realEndpoints(env: NodeJS.ProcessEnv): string[] {
  if (!env.AWS_ENDPOINT_URL) return ['AWS_ENDPOINT_URL is not set, so calls go to AWS itself'];
  if (/^true$/i.test(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '')) {
    return ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set, so calls go to AWS itself'];
  }
  return Object.entries(env)
    .filter(([name, url]) => name.startsWith('AWS_ENDPOINT_URL') && url && !isLoopback(url))
    .map(([name, url]) => `${name} is ${url}`);
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}
