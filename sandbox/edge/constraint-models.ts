/** What botocore's models say of the inputs; written by scripts/make-models.py. */
import backup from '../models/backup.json' with { type: 'json' };
import cloudformation from '../models/cloudformation.json' with { type: 'json' };
import ds from '../models/ds.json' with { type: 'json' };
import dynamodb from '../models/dynamodb.json' with { type: 'json' };
import ec2 from '../models/ec2.json' with { type: 'json' };
import kms from '../models/kms.json' with { type: 'json' };
import organizations from '../models/organizations.json' with { type: 'json' };
import rds from '../models/rds.json' with { type: 'json' };
import s3 from '../models/s3.json' with { type: 'json' };
import servicequotas from '../models/servicequotas.json' with { type: 'json' };
import sns from '../models/sns.json' with { type: 'json' };
import sqs from '../models/sqs.json' with { type: 'json' };
import ssm from '../models/ssm.json' with { type: 'json' };
import sts from '../models/sts.json' with { type: 'json' };
import tagging from '../models/tagging.json' with { type: 'json' };
import workspaces from '../models/workspaces.json' with { type: 'json' };

/** The constraints on one shape. Members, list items, keys and values name other shapes; what has none is left out. */
export interface ConstraintShape {
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
  readonly list?: string;
  readonly key?: string;
  readonly value?: string;
  /** Of a string: characters; of a list or map: items; of a number: its value. */
  readonly min?: number;
  readonly max?: number;
  /** A Java regular expression that the whole string has to match. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

export interface ConstraintModel {
  /** Input shape by operation. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, ConstraintShape>>;
}

/** By signing name. */
export const constraintModels: Readonly<Record<string, ConstraintModel>> = {
  backup,
  cloudformation,
  ds,
  dynamodb,
  ec2,
  kms,
  organizations,
  rds,
  s3,
  servicequotas,
  sns,
  sqs,
  ssm,
  sts,
  tagging,
  workspaces,
};
