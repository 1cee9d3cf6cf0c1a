import { randomBytes } from 'node:crypto';
import type { AccessKey } from '../edge/access-keys.ts';
import { accessKeys } from '../edge/access-keys.ts';
import type { Call, Service } from '../service.ts';
import { AwsError } from '../service.ts';

interface AssumeRoleInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly DurationSeconds?: number;
}

const HOUR_SECONDS = 3600;

export const sts: Service = {
  signingName: 'sts',
  operations: {
    /** Any role of any account may be assumed: trust policies are not looked at. */
    AssumeRole: (input: AssumeRoleInput, call) => {
      const [, account, roleName] =
        /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]+)$/.exec(input.RoleArn) ?? [];
      if (account === undefined || roleName === undefined) {
        throw new AwsError('ValidationError', `${input.RoleArn} is invalid`, 400);
      }
      const roleId = `AROA${idFrom(call, input.RoleArn, 17)}`;
      const expiresAtReal = Date.now() + (input.DurationSeconds ?? HOUR_SECONDS) * 1000;
      const accessKeyId = `ASIA${randomBytes(10).toString('hex').toUpperCase().slice(0, 16)}`;
      const key = { id: accessKeyId, account, roleName, roleId, sessionName: input.RoleSessionName, expiresAtReal };
      forgetLongExpired(call);
      accessKeys(call.world).set(accessKeyId, key);
      return {
        Credentials: {
          AccessKeyId: accessKeyId,
          SecretAccessKey: randomBytes(30).toString('base64'),
          SessionToken: randomBytes(120).toString('base64'),
          Expiration: new Date(expiresAtReal),
        },
        AssumedRoleUser: { AssumedRoleId: `${roleId}:${input.RoleSessionName}`, Arn: sessionArn(key) },
      };
    },

    GetCallerIdentity: (_input, call) => {
      const key = accessKeys(call.world).get(call.accessKeyId);
      if (key) return { UserId: `${key.roleId}:${key.sessionName}`, Account: key.account, Arn: sessionArn(key) };
      return {
        UserId: `AIDA${idFrom(call, call.account, 17)}`,
        Account: call.account,
        Arn: `arn:aws:iam::${call.account}:user/sandbox`,
      };
    },
  },
};

/** The path of a role is not part of a session's ARN. */
function sessionArn(key: AccessKey): string {
  return `arn:aws:sts::${key.account}:assumed-role/${key.roleName}/${key.sessionName}`;
}

function idFrom(call: Call, name: string, length: number): string {
  return call.world.random(`sts/${name}`).id(length).toUpperCase();
}

/** A key stays known for a day after its end, so that its use is refused as expired and not taken for a foreign one. */
function forgetLongExpired(call: Call): void {
  const keys = accessKeys(call.world);
  const yesterday = Date.now() - 24 * HOUR_SECONDS * 1000;
  for (const { id, expiresAtReal } of keys.values()) if (expiresAtReal < yesterday) keys.delete(id);
}
