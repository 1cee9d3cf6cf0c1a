/** `holdfast config`: what `holdfast.yaml` declares. */
import type { Command } from 'commander';
import { addConfigValidate } from './config-validate.ts';

export function addConfig(program: Command): void {
  addConfigValidate(program.command('config').description('check holdfast.yaml'));
}
