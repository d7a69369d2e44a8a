import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { listOf } from './request';

const MOST = 1000;

interface Instance {
  id: string;
  instance_name: string;
  phone_number: string | null;
  status: string;
}

/** @returns the numbers of the organization, to choose from */
export async function getInstances(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const instances = await listOf<Instance>(this, '/api/whatsapp/instances', 'instances', { limit: MOST });
  return instances.map(({ id, instance_name, phone_number, status }) => ({
    name: `${instance_name} (${phone_number ?? 'no number'}, ${status})`,
    value: id,
  }));
}
