import { references } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/** Logical names such that each comes after all that it refers to or depends on. @throws on a circle, naming it. */
export function creationOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, path: string[]): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') throw new Error(`circular dependency: ${[...path, name].join(' → ')}`);
    const resource = resources[name];
    if (!resource) return;
    state.set(name, 'open');
    for (const dependency of resource.DependsOn) {
      if (!resources[dependency]) throw new Error(`${name} depends on ${dependency}, which is not in the template`);
      visit(dependency, [...path, name]);
    }
    for (const dependency of references(resource.Properties)) visit(dependency, [...path, name]);
    state.set(name, 'done');
    order.push(name);
  };
  for (const name of Object.keys(resources)) visit(name, []);
  return order;
}
