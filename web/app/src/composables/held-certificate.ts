import { phone, type Certificate } from '@guiqian/shared/api'
import { useRoute } from 'vue-router'
import { keysHere } from '../device'
import { useResource, type Resource } from './resource'

export interface HeldCertificate {
  certificate: Certificate
  /** Whether this phone holds its key. */
  here: boolean
}

/** The certificate that the address names, and whether its key is here. */
export function useHeldCertificate(): { id: string; resource: Resource<HeldCertificate> } {
  const id = String(useRoute().params.id)
  const resource = useResource(async () => {
    const [certificate, keys] = await Promise.all([phone.certificate(id), keysHere()])
    return { certificate, here: keys.has(certificate.key_id) }
  })
  return { id, resource }
}
