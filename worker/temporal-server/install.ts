import { rename } from 'node:fs/promises';
import { downloadTemporalServer } from './download.ts';
import type { FoundServer } from './find.ts';
import { goInstallTemporalServer } from './go-install.ts';
import { takeStaging } from './staging.ts';
import { reasonOf } from './reason.ts';
import { verifyTemporalServer } from './verify.ts';

/** The release that is installed where the machine has none; later ones cannot be built by `go install`. */
const CLI_RELEASE = 'v1.5.1';

export interface InstallOptions {
  /** The folder of the cache that is Temporal's; made when it is not there. */
  readonly folder: string;
  /** Where the executable goes, inside that folder. */
  readonly path: string;
  readonly say: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly downloadFrom: string;
}

/**
 * Installs the Temporal CLI into the cache, by download or else by `go install`, or takes what another process
 * installed while this one waited for it. The executable appears under its name whole and verified, or not at all.
 * Returns the reasons when neither way works.
 */
export async function installTemporalServer(
  options: InstallOptions,
): Promise<{ server: FoundServer } | { reasons: string[] }> {
  const { folder, path, say, env, downloadFrom } = options;
  const staging = await takeStaging(folder, say);
  try {
    if (staging.waited) {
      const version = await verifyTemporalServer(path).catch(() => undefined);
      if (version !== undefined) return { server: { path, version, source: 'cache' } };
    }
    const ways = [
      {
        source: 'download' as const,
        name: `download from ${downloadFrom}`,
        run: () => downloadTemporalServer({ from: downloadFrom, release: CLI_RELEASE, into: staging.path, say }),
      },
      {
        source: 'go' as const,
        name: 'go install',
        run: () => goInstallTemporalServer({ release: CLI_RELEASE, into: staging.path, env, say }),
      },
    ];
    const reasons: string[] = [];
    for (const { source, name, run } of ways) {
      try {
        const made = await run();
        const version = await verifyTemporalServer(made);
        await rename(made, path);
        say(`Installed Temporal server ${version} in ${path}.`);
        return { server: { path, version, source } };
      } catch (error) {
        say(`This did not work: ${name}: ${reasonOf(error)}`);
        reasons.push(`${name}: ${reasonOf(error)}`);
      }
    }
    return { reasons };
  } finally {
    await staging.release();
  }
}
