import { phone, type Application, type Institution } from '@guiqian/shared/api'
import { computed, ref, watch } from 'vue'
import { useTexts } from './texts'

/** Choosing institution, validity and fee for an application; the choice is kept on the platform at once. */
export function useCertificateStep(
  application: () => Application,
  institutions: () => Institution[],
  changed: () => Promise<void>,
) {
  const { say } = useTexts()
  const institution = ref(application().institution?.id)
  const product = ref(application().product?.id)
  const failure = ref('')

  const offered = computed(() =>
    institutions().filter((one) => one.products.some((it) => it.kind === application().product_kind)),
  )

  // What else the institution wants to see is known once it is chosen.
  watch([institution, product], async ([institution_id, product_id], [before]) => {
    failure.value = ''
    try {
      await phone.updateApplication(application().id, {
        institution_id,
        ...(product_id && { product_id }),
      })
      if (institution_id !== before || product_id) await changed()
    } catch (error) {
      failure.value = say(error)
    }
  })

  const chosen = computed(
    () => !!institution.value && !!product.value && application().product?.id === product.value,
  )
  return { institution, product, offered, chosen, failure }
}
