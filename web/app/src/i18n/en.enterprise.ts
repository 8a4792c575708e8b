/** Enterprises: search, claim, join, consent, letters. */
export const enterprise = {
  name: 'Enterprise',
  role: { person: 'Person', clerk: 'Clerk', admin: 'Administrator' },
  my_role: 'My role',
  switch: 'Switch enterprise',
  self: 'For myself',
  self_text: 'As a person, not for an enterprise',
  another: 'Claim or join another enterprise',
  claim: 'Claim enterprise',
  join: 'Join enterprise',
  profile: 'Enterprise',
  admin_phone: "Administrator's phone",
  no_admin: 'No administrator',
  no_admin_text:
    'It has no administrator at the moment and cannot be joined. Please contact the CA institution.',
  know_admin: 'I know the administrator: join',
  how_to_join: 'Talk to the administrator first',
  how_to_join_text:
    "You need the administrator's name and phone number. They agree and seal a letter, then the CA institution reviews it.",
  use: 'Switch to it',
}

export const search = {
  title: 'Find an enterprise',
  label: 'Name, pinyin initials or credit code',
  placeholder: 'Name, initials or credit code',
  verify_first: 'Verify your identity before you look for an enterprise.',
  empty: 'Find your enterprise',
  empty_text: 'Enter its name, pinyin initials or its 18-character credit code.',
  wrong_code: 'This credit code is not right. Compare it with the licence.',
  throttled: 'Too many searches',
  count: '{count} enterprises found',
  registered: 'Registered',
  none: 'Not found',
  none_text: 'It may not be registered yet. Check the name, or claim it.',
  none_code: 'Nobody has registered it yet. You may claim it.',
  not_here: 'Yours is not in the list?',
  claim_title: 'Claim this enterprise',
  claim_text:
    'You become its administrator and manage people and rights. Each enterprise has one administrator.',
}

export const facts = {
  name: 'Enterprise name',
  name_placeholder: 'As on the licence',
  credit_code: 'Unified social credit code',
  credit_code_placeholder: '18 characters',
  legal_person_name: 'Legal representative',
  legal_person_placeholder: 'As on the document',
  id_type_label: 'Kind of document',
  id_type: {
    resident_id: 'Resident ID card',
    passport: 'Passport',
    hk_macao_permit: 'Mainland permit (HK, Macao)',
    taiwan_permit: 'Mainland permit (Taiwan)',
  },
  legal_person_id_number: 'Document number',
  id_placeholder: 'Number',
  id_hint: 'Encrypted on the way and in storage; for the review only.',
  wrong_name: '2 to 64 characters, as on the licence',
  wrong_credit_code: 'This code is not right. Compare it with the licence.',
  wrong_legal_person_name: 'Enter the name on the document',
  wrong_legal_person_id_number: 'The number does not fit this kind of document',
  need_name: 'Enter the name of the enterprise',
  need_credit_code: 'Enter the credit code',
  need_legal_person_name: 'Enter the name of the legal representative',
  need_legal_person_id_number: 'Enter the number of the document',
}

export const claim = {
  step_facts: 'Enterprise',
  step_certificate: 'Certificate',
  step_form: 'Form',
  kept: 'What you enter is saved. You may leave and come back.',
  facts_first: 'Please complete and correct what is marked.',
  registered: 'It has been claimed already. Join it instead.',
  code_busy: "Reading the licence's QR code…",
  code_filled: 'Filled in from the licence: {what}. Please check.',
  code_same: "It agrees with the licence's QR code.",
  code_differs: "The licence's QR code says something else",
  code_keep: 'Keep mine',
  code_replace: "Use the code's",
  code_address: "This licence's code holds a web address only. Please type.",
  code_nothing: 'No QR code found on the licence. Please type.',
  form_name: 'Claim form - {name}',
  form_text: 'Filled with what you entered; nothing to write by hand.',
  form_1: 'Download and print it, and check it.',
  form_2: 'Stamp it with the company seal; the legal representative signs.',
  form_3: 'Photograph it, all four corners and the seal visible.',
  form_download: 'Download the form',
}

export const join = {
  step_admin: 'Admin',
  step_grant: 'Rights',
  step_certificate: 'Certificate',
  step_review: 'Check',
  admin_text: "To keep impostors out, enter the administrator's name and phone number.",
  admin_name: "Administrator's name",
  admin_name_placeholder: 'Real name',
  admin_name_wrong: "Enter the administrator's real name",
  admin_phone: "Administrator's phone",
  admin_gone: 'The enterprise has another administrator now',
  admin_again: 'Enter their details',
  known: "The administrator's details are confirmed. You may go on.",
  review_text:
    'The administrator agrees and seals, then the CA institution reviews. You may withdraw meanwhile.',
  submit: 'Send to the administrator',
}

export const grant = {
  title: 'Rights',
  permissions: 'Permissions',
  permission: { login: 'Log in', sign: 'Sign and seal', generate: 'Make bid files', decrypt: 'Decrypt bids' },
  permission_text: {
    login: 'Log in to trading platforms by scanning',
    sign: 'Sign documents with certificate and seals',
    generate: 'Make the bid file in the bid tool',
    decrypt: 'Decrypt the bid at the opening',
  },
  need_permission: 'Choose at least one permission.',
  seals: 'Seals',
  seals_text: "The enterprise's seals that may be used; none is fine.",
  no_seals: 'No seals',
  seal: {
    company: 'Company seal',
    legal_person: "Legal representative's seal",
    legal_person_signature: "Legal representative's signature",
  },
  platforms: 'Platforms',
  everywhere: 'All platforms',
  everywhere_text: 'Those that join later too',
}

export const consent = {
  ask_join: '{name} wants to join',
  ask_other: '{name}: {kind}',
  grants: 'Rights asked for',
  effect: 'If you agree',
  effect_join:
    'You seal a letter and the CA institution reviews the application. Then they are a clerk and may use certificate and seals as listed.',
  effect_other:
    'You seal a letter and the CA institution reviews the application. Then they may download a certificate.',
  agree: 'Agree',
  refuse: 'Refuse',
  refuse_title: 'Why do you refuse?',
  reason_label: 'Reason (they will read it)',
  reason_unknown: 'Not one of our people',
  reason_rights: 'Too many rights',
  reason_facts: 'Something is wrong; check and apply again',
}

export const letter = {
  title: 'Letter of authority',
  confirm_title: 'Confirm',
  how: 'Drag the seal to its place or tap there; arrow keys move it by 1 mm.',
  keys: 'Arrow keys move it by 1 mm',
  suggested: 'Suggested',
  where: 'Page {page} · {x} / {y} mm',
  reset: 'Back to the suggested place',
  seal: 'Seal',
  no_seal: 'The enterprise has no seal yet. Make one first.',
  no_certificate: 'No enterprise certificate to seal with',
  no_certificate_text: 'Apply for a certificate of this enterprise and download it first.',
  elsewhere: 'The certificate is on another phone. Please seal there.',
  confirm: 'Confirm and seal',
  seal_own: 'Open the letter and seal',
  again: 'Seal again',
  done_text: 'The letter is sealed and the application handed in.',
  refused_text: 'Nothing was sealed; the application still waits for you.',
  ended_text: 'Nothing was sealed. You may go back and seal again.',
}

export const invitation = {
  title: 'Invitation',
  by: 'From',
  as: 'Your role',
  sent: 'Sent',
  effect: 'If you accept',
  effect_text:
    'You become a clerk of the enterprise. To use its certificate and seals you apply for a certificate, and the administrator grants rights.',
  accept: 'Accept',
  refuse: 'Decline',
  gone: 'This invitation is gone',
  gone_text: 'It may have been taken back. Ask the administrator.',
  state: {
    waiting: 'Waiting for your answer',
    accepted: 'You have joined',
    declined: 'You declined',
    cancelled: 'It was taken back',
    expired: 'It has expired',
  },
}

export const apply = {
  enterprise: 'Enterprise certificate',
  enterprise_text: 'Find an enterprise, claim or join it',
  further: 'Enterprise certificate',
  other_enterprise: 'Another enterprise',
  personal_text: 'For yourself, to log in and sign',
}

export const task = {
  open: 'To do',
  invitation: '{name} invites you',
  invited_by: 'From {name}',
  consent_chip: 'Agree?',
  seal_chip: 'Seal',
  invitation_chip: 'Answer',
  download_chip: 'Download',
  more: 'Show {count} more',
  draft_text: 'Draft, tap to go on',
  draft_chip: 'Draft',
}

export const photo = {
  crop_title: 'Crop: {name}',
  crop_text: 'Drag the frame to what is needed',
  frame: 'Frame',
  frame_move: 'Move the frame; arrow keys work too',
  handle_nw: 'Top left',
  handle_n: 'Top',
  handle_ne: 'Top right',
  handle_e: 'Right',
  handle_se: 'Bottom right',
  handle_s: 'Bottom',
  handle_sw: 'Bottom left',
  handle_w: 'Left',
  turn: 'Turn',
  use: 'Use it',
  sending: 'Uploading',
  unsent: 'Not uploaded',
  again: 'Upload again',
  remove: 'Remove',
  camera_again: 'Again',
}
