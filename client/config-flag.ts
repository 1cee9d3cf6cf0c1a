/** `--config`: the file that is read unless another is named. Apart from its reading, which takes a while to load. */
export const CONFIG_FILE = 'holdfast.yaml';
