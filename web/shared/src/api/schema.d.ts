/* Made from openapi.json by `npm run generate`; not edited by hand. */
export interface paths {
    "/api/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This user's applications. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApplicationList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Begins an application. One of a kind may be open: `APPLICATION_OPEN` names it in `application_id`. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewApplication"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One application of this user. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Chooses institution and product of a draft. */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ApplicationEdit"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/api/applications/{id}/enrolments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins the download of an approved certificate. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewEnrolment"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Enrolment"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/applications/{id}/materials/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The picture. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    kind: components["schemas"]["MaterialKind"];
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/png": number[];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Uploads a picture to a draft, in place of an earlier one. A signature is a PNG with a transparent ground. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    kind: components["schemas"]["MaterialKind"];
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "image/jpeg": number[];
                    "image/png": number[];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Material"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        /** Takes a picture off a draft. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    kind: components["schemas"]["MaterialKind"];
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/applications/{id}/resubmission": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Repeats a refused, withdrawn or expired application as a new draft with everything filled in. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/applications/{id}/submission": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands a complete draft in. `APPLICATION_INCOMPLETE` names what is missing. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/applications/{id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an application back before it is decided. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificates of this account. */
        get: {
            parameters: {
                query?: {
                    /** @description One of the three lists; all of them when absent. */
                    state?: components["schemas"]["CertificateList"] | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Certificates"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/certificates/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One certificate of this account. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Certificate"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The applications of the reviewer's institution. */
        get: {
            parameters: {
                query?: {
                    /** @description Only those in this state. */
                    state?: components["schemas"]["ApplicationState"];
                    /** @description Part of the name or of the phone number. */
                    q?: string;
                    /** @description The `next_cursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleApplicationList"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One application with everything that a decision needs. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleApplication"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/applications/{id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approves. `APPLICATION_CHANGED` when it is no longer what the reviewer saw. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleApplication"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/applications/{id}/materials/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A picture of an application. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    kind: components["schemas"]["MaterialKind"];
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/png": number[];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/applications/{id}/refusal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuses, with a reason. `APPLICATION_CHANGED` when it is no longer what the reviewer saw. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleApplication"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit log. Reviewers of an institution may not read it: it tells of all. */
        get: {
            parameters: {
                query?: {
                    /** @description The `next_cursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditList"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificates that the reviewer's institution issued, newest first. */
        get: {
            parameters: {
                query?: {
                    /** @description Part of the name or of the serial number. */
                    q?: string;
                    /** @description The `next_cursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleCertificateList"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is logged in at the console. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleSession"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs in at the console. The session travels in the cookie `gq_console`. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ConsoleLogin"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsoleSession"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/console/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Logs out of the console. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The devices of this account. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Devices"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Registers this phone's own key. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewDevice"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Device"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/enrolments/{id}/completion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a download; the same call again gives the same certificate. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Completion"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Certificate"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follows what happens to this phone's user: `text/event-stream` with the events `message`, `application` and
         *     `scan_request`, each with `{"id": …}`. Resumes after `Last-Event-ID`; without it, begins with what happens from now on.
         */
        get: {
            parameters: {
                query?: never;
                header?: {
                    "Last-Event-ID"?: string | null;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the platform is up. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins to verify the user's real name at the face verification provider. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["VerificationRequest"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["VerificationStarted"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/verifications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a verification stands; asks the provider when that is not known yet. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Verification"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/institutions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The institutions that issue certificates. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["InstitutionList"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/key-operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One key operation: a sealed envelope in, a sealed envelope out (`docs/protocol.md`). */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description Sealed request, at most 8 KiB */
            requestBody: {
                content: {
                    "application/octet-stream": number[];
                };
            };
            responses: {
                /** @description Sealed reply, refusals included */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/octet-stream": number[];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/login-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a login code by SMS. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["LoginCodeRequest"];
                };
            };
            responses: {
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LoginCodeSent"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The user of this phone and the next step. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The messages of this phone's user. */
        get: {
            parameters: {
                query?: {
                    /** @description The `next_cursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MessageList"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Marks a message as read. Doing it again changes nothing. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/platform": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the platform says about itself. Pages show a mark when the mode is `sandbox`. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Platform"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rp/scan-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks a phone for a login or a signature. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewScanRequest"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CreatedScanRequest"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rp/scan-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a question stands, and what came of it. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RpScanRequest"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Takes a question back. A phone that is just being asked is told. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rp/scan-requests/{id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The signed document. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/pdf": number[];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rp/scan-requests/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follows a question: event `code` every two seconds while it waits, event `state` whenever it changes. The stream
         *     ends with the question.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Events `code` (CodeEvent) and `state` (StateEvent) */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rp/subjects/{subject}/appearances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pictures that a person can put on a page. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    subject: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Appearances"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sandbox/sms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The SMS outbox (sandbox mode only). */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SandboxSmsList"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scan-claims": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a request by its code. The first phone wins; the same account may do it again. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewClaim"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ScanRequest"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scan-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A request that this account has claimed. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ScanRequest"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scan-requests/{id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answers a claimed request, once. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Answer"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ScanRequest"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scan-requests/{id}/document": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The document that is signed: prepared, its ByteRange filled in, its Contents zero. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/pdf": number[];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs in, making the account at first use. The session travels in the cookie `gq_session`. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["LoginRequest"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Logs out of this phone. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/verifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks the signatures of a PDF. Nothing of it is kept. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            /** @description A PDF, at most 20 MiB */
            requestBody: {
                content: {
                    "application/pdf": number[];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["VerificationReport"];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pki/{slug}/ca.cer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The issuing CA's certificate, DER. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    slug: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/pkix-cert": number[];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pki/{slug}/ca.crl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The issuing CA's revocation list, DER. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    slug: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/pkix-crl": number[];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pki/{slug}/root.cer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The root's certificate, DER. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    slug: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/pkix-cert": number[];
                    };
                };
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is where, and the SMS outbox (sandbox mode only). */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": string;
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/face/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The face verification provider's page (sandbox mode only). */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    token: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/html": string;
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** A button of the provider's page: sends the browser back (sandbox mode only). */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    token: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/x-www-form-urlencoded": components["schemas"]["FaceAnswer"];
                };
            };
            responses: {
                303: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/outbox.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The script of the sandbox page. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/javascript": string;
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description What a PC may ask a phone for. A new action is a row of [`Action::lifetime`] and an arm in `scan::actions`.
         * @enum {string}
         */
        Action: "login" | "sign";
        /** @description What the owner says. */
        Answer: {
            /**
             * Format: uuid
             * @description With this certificate.
             */
            certificate_id: string;
            /** @enum {string} */
            decision: "confirm";
            /** @description Base64 of the DER SM2Signature: over the statement, or over the 32-byte digest. */
            signature: string;
        } | {
            /** @enum {string} */
            decision: "refuse";
            reason?: components["schemas"]["RefusalReason"] | null;
        };
        /** @description A picture that a person can put on a page. */
        Appearance: {
            /**
             * Format: double
             * @description Height on the page, mm.
             */
            height_mm: number;
            /**
             * Format: uuid
             * @description Names it.
             */
            id: string;
            /** @description `private_seal`. */
            kind: string;
            /** @description What it is called. */
            name: string;
            /** @description Base64 of the PNG. */
            png: string;
            /**
             * Format: double
             * @description Width on the page, mm.
             */
            width_mm: number;
        };
        /** @description A person's pictures. */
        Appearances: {
            /** @description Newest first. */
            items: components["schemas"]["Appearance"][];
        };
        /** @description The person behind an application. */
        Applicant: {
            /** @description `4****************4`. */
            id_number_masked?: string | null;
            /** @description Real name, as verified. */
            name?: string | null;
            /** @description `138****8000`. */
            phone_masked: string;
            /**
             * Format: date-time
             * @description When the real name was verified.
             */
            verified_at?: string | null;
        };
        /** @description A request that somebody must approve. */
        Application: {
            /**
             * Format: uuid
             * @description What came of it.
             */
            certificate_id?: string | null;
            /**
             * Format: date-time
             * @description When it was begun.
             */
            created_at: string;
            /** @description Oldest first. */
            history: components["schemas"]["ApplicationStep"][];
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            institution?: components["schemas"]["InstitutionRef"] | null;
            /** @description `personal_certificate`. */
            kind: string;
            /** @description What has been uploaded. */
            materials: components["schemas"]["Material"][];
            /** @description Kinds of material that the institution requires and that are not there. */
            missing_materials: string[];
            /**
             * Format: uuid
             * @description The closed application that this one repeats.
             */
            previous_id?: string | null;
            product?: components["schemas"]["Product"] | null;
            /** @description Where it stands. */
            state: components["schemas"]["ApplicationState"];
            /** @description Whom the certificate will name. */
            subject_name: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
            /**
             * Format: int32
             * @description Counts every change; a decision names the one it was made on.
             */
            version: number;
        };
        /** @description What to choose; what is absent stays. */
        ApplicationEdit: {
            /**
             * Format: uuid
             * @description Who shall issue. Another institution than before forgets the product.
             */
            institution_id?: string | null;
            /**
             * Format: uuid
             * @description What it shall issue.
             */
            product_id?: string | null;
        };
        /**
         * @description What is applied for. A new flow is a new row here and in [`Kind::row`].
         * @enum {string}
         */
        ApplicationKind: "personal_certificate";
        /** @description A person's applications. */
        ApplicationList: {
            /** @description Newest first. */
            items: components["schemas"]["Application"][];
        };
        /**
         * @description Where an application stands.
         * @enum {string}
         */
        ApplicationState: "draft" | "with_admin" | "with_reviewer" | "refused" | "approved" | "payment_due" | "ready" | "done" | "withdrawn" | "expired";
        /** @description One entry of an application's history. */
        ApplicationStep: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description `applicant`, `reviewer` or `system`. */
            by: string;
            /** @description Why, for refusals. */
            reason?: string | null;
            /** @description The state entered. */
            state: components["schemas"]["ApplicationState"];
        };
        /** @description Which version was looked at. */
        Approval: {
            /**
             * Format: int32
             * @description The `version` of the application that the reviewer saw.
             */
            version: number;
        };
        /** @description An entry of the log. */
        AuditEntry: {
            /** @description What was done: `noun.verb`. */
            action: string;
            /**
             * Format: uuid
             * @description Who.
             */
            actor_id?: string | null;
            /** @description `account`, `reviewer`, `relying_party` or `system`. */
            actor_kind: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Facts about it. */
            detail: Record<string, never>;
            /** @description SM3 digest of this entry and the one before, hexadecimal. */
            digest: string;
            /**
             * Format: int64
             * @description Place in the chain, from 1.
             */
            seq: number;
            /**
             * Format: uuid
             * @description To which one.
             */
            target_id?: string | null;
            /** @description To what kind of thing. */
            target_kind: string;
        };
        /** @description A page of the log. */
        AuditList: {
            /** @description Newest first. */
            items: components["schemas"]["AuditEntry"][];
            /** @description Names the next page. */
            next_cursor?: string | null;
        };
        /** @description The browser that shows the code, as its relying party reports it. */
        Browser: {
            /** @description Its address on the network. */
            address: string;
            /** @description A cookie's value that tells this browser from others, if the relying party has one. */
            browser_id?: string | null;
            /** @description Its `User-Agent` header. */
            user_agent: string;
        };
        /** @description From where. */
        BrowserView: {
            /** @description The browser's address on the network. */
            address: string;
            /** @description Whether this account has never confirmed anything in this browser. */
            first_time: boolean;
            /** @description Program and system in a few words. */
            user_agent_short: string;
        };
        /** @description A certificate. */
        Certificate: {
            /** @description The certificate. */
            certificate_pem: string;
            /** @description The issuing CA, then the root. */
            chain_pem: string;
            /**
             * Format: uuid
             * @description The device that holds the other half of the key.
             */
            device_id: string;
            /** @description Whether its end is near. */
            expiring: boolean;
            /**
             * Format: uuid
             * @description Names it.
             */
            id: string;
            /** @description Who issued it. */
            institution: components["schemas"]["Issuer"];
            /**
             * Format: uuid
             * @description Its key.
             */
            key_id: string;
            /** @description `personal`. */
            kind: string;
            /** @description RFC 3339. */
            not_after: string;
            /** @description RFC 3339. */
            not_before: string;
            /** @description Serial number, hexadecimal. */
            serial: string;
            /** @description Whether it may be used. */
            state: components["schemas"]["CertificateState"];
            /** @description The person's name. */
            subject_name: string;
        };
        /**
         * @description The three lists of the certificate page.
         * @enum {string}
         */
        CertificateList: "active" | "pending" | "ended";
        /**
         * @description The state that people see.
         * @enum {string}
         */
        CertificateState: "active" | "revoked" | "expired";
        /** @description Certificates. */
        Certificates: {
            /** @description Newest first. */
            items: components["schemas"]["Certificate"][];
        };
        /** @description The phone's proof that it holds the key. */
        Completion: {
            /**
             * Format: uuid
             * @description The key that was generated.
             */
            key_id: string;
            /** @description Base64 of the DER SM2Signature over the CertificationRequestInfo. */
            signature: string;
        };
        /** @description An application as the console sees it. */
        ConsoleApplication: components["schemas"]["Application"] & {
            /** @description The person. */
            applicant: components["schemas"]["Applicant"];
            /**
             * Format: date-time
             * @description When it was handed in.
             */
            waiting_since: string;
        };
        /** @description A page of the queue. */
        ConsoleApplicationList: {
            /** @description How many there are by state, whatever the page shows. */
            counts: {
                [key: string]: number;
            };
            /** @description Those that wait: longest first; others: newest first. */
            items: components["schemas"]["ConsoleApplication"][];
            /** @description Names the next page. */
            next_cursor?: string | null;
        };
        /** @description A certificate as the console sees it. */
        ConsoleCertificate: components["schemas"]["Certificate"] & {
            /** @description The person. */
            applicant: components["schemas"]["Holder"];
        };
        /** @description A page of certificates. */
        ConsoleCertificateList: {
            /** @description Newest first. */
            items: components["schemas"]["ConsoleCertificate"][];
            /** @description Names the next page. */
            next_cursor?: string | null;
        };
        /** @description User name and password. */
        ConsoleLogin: {
            /** @description Password. */
            password: string;
            /**
             * @description Login name.
             * @example reviewer
             */
            username: string;
        };
        /** @description A console login. */
        ConsoleSession: {
            /** @description Who is logged in. */
            reviewer: components["schemas"]["Reviewer"];
        };
        /** @description A question that can be shown now. */
        CreatedScanRequest: {
            /** @description Four digits to show beside the code. */
            check_number: string;
            /** @description RFC 3339. */
            expires_at: string;
            /**
             * Format: uuid
             * @description Names it.
             */
            id: string;
        };
        /** @description A device. */
        Device: {
            /** @description RFC 3339. */
            created_at: string;
            /**
             * Format: uuid
             * @description Names it.
             */
            id: string;
            /** @description What the owner sees. */
            name: string;
        };
        /** @description The devices of an account. */
        Devices: {
            /** @description Newest first. */
            items: components["schemas"]["Device"][];
        };
        /** @description What is to be signed. */
        DocumentView: {
            /** @description Hexadecimal SM3 of the octets that the ByteRange names. The phone computes it itself and compares. */
            digest: string;
            /**
             * Format: int32
             * @description How many pages it has.
             */
            pages: number;
            /** @description Where the pictures go. */
            placements: components["schemas"]["Placement"][];
            /**
             * Format: int64
             * @description Octets of the prepared file.
             */
            size: number;
            /** @description What it is called. */
            title: string;
        };
        /** @description A download that has begun. */
        Enrolment: {
            /**
             * Format: uuid
             * @description The account, part of the key generation's context.
             */
            account_id: string;
            /**
             * Format: uuid
             * @description The approved application.
             */
            application_id: string;
            /** @description RFC 3339. */
            expires_at: string;
            /**
             * Format: uuid
             * @description Names it; the task id of the signature over the certification request.
             */
            id: string;
            /** @description Base64, 32 bytes: the server's part of the key generation's context. */
            server_nonce: string;
            /** @description Base64 of the DER Name that goes into the certification request. */
            subject: string;
        };
        /** @description The key that phones close their key operations for. */
        EnvelopeKey: {
            /**
             * Format: uuid
             * @description Names it in the envelope.
             */
            id: string;
            /** @description Uncompressed point of 65 octets, base64. */
            public_key: string;
        };
        /** @description The form of the provider's page. */
        FaceAnswer: {
            /** @description Which button was pressed. */
            outcome: components["schemas"]["FaceButton"];
        };
        /**
         * @description Which button was pressed.
         * @enum {string}
         */
        FaceButton: "passed" | "failed";
        /**
         * @description The next step towards a certificate: 去认证 → 去申请 → (审核中) → 去下载 (manual 1.4).
         * @enum {string}
         */
        Guide: "verify" | "apply" | "wait" | "download" | "done";
        /** @description Whether the platform is up. */
        Health: {
            /** @description Always `ok`. */
            status: string;
        };
        /** @description The person behind a certificate. */
        Holder: {
            /** @description Real name. */
            name: string;
            /** @description `138****8000`. */
            phone_masked: string;
        };
        /** @description A CA institution with what it sells and wants. */
        Institution: {
            /** @description Chinese. */
            description: string;
            /** @description English. */
            description_en: string;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description Chinese. */
            name: string;
            /** @description English. */
            name_en: string;
            /** @description What may be chosen. */
            products: components["schemas"]["Product"][];
            /** @description What it wants to see with a personal certificate's application. */
            required_materials: components["schemas"]["RequiredMaterial"][];
            /** @description Whether its certificates are worth nothing. */
            sandbox: boolean;
            /** @description Short name in paths. */
            slug: string;
        };
        /** @description All institutions. */
        InstitutionList: {
            /** @description In their order. */
            items: components["schemas"]["Institution"][];
        };
        /** @description An institution, by name. */
        InstitutionRef: {
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description Chinese. */
            name: string;
            /** @description English. */
            name_en: string;
            /** @description Short name in paths. */
            slug: string;
        };
        /** @description Who issued a certificate. */
        Issuer: {
            /**
             * Format: uuid
             * @description Names the institution.
             */
            id: string;
            /** @description What it is called. */
            name: string;
            /** @description Its name in addresses. */
            slug: string;
        };
        /** @description Where to send a code. */
        LoginCodeRequest: {
            /**
             * @description Mobile number, 11 digits.
             * @example 13800138000
             */
            phone: string;
        };
        /** @description A code is on its way. */
        LoginCodeSent: {
            /**
             * Format: int64
             * @description Seconds for which it is good.
             */
            expires_in: number;
            /**
             * Format: int64
             * @description Seconds until another may be asked for.
             */
            resend_after: number;
        };
        /** @description A code from an SMS. */
        LoginRequest: {
            /** @description Whether the user agreement and the privacy policy are agreed to; must be true. */
            agreed: boolean;
            /**
             * @description Six digits.
             * @example 123456
             */
            code: string;
            /**
             * @description Mobile number, 11 digits.
             * @example 13800138000
             */
            phone: string;
        };
        /** @description A picture that belongs to an application. */
        Material: {
            /** @description Media type. */
            content_type: string;
            /** @description `signature` or `application_form`. */
            kind: string;
            /**
             * Format: int64
             * @description Octets.
             */
            size: number;
            /**
             * Format: date-time
             * @description When it was uploaded.
             */
            uploaded_at: string;
        };
        /**
         * @description An image that belongs to an application.
         * @enum {string}
         */
        MaterialKind: "signature" | "application_form";
        /** @description The user of this phone. */
        Me: {
            /** @description The next step towards a certificate. */
            guide: components["schemas"]["Guide"];
            /**
             * Format: uuid
             * @description The application that the guide speaks of.
             */
            guide_application_id?: string | null;
            /**
             * Format: uuid
             * @description The account.
             */
            id: string;
            /** @description Real name, once verified. */
            name?: string | null;
            /** @description `138****8000`. */
            phone_masked: string;
            /**
             * Format: int64
             * @description Messages not yet read.
             */
            unread: number;
            /** @description Whether the real name is verified. */
            verified: boolean;
        };
        /** @description A message. */
        Message: {
            action?: components["schemas"]["MessageAction"] | null;
            /** @description Chinese. */
            body: string;
            /** @description English. */
            body_en: string;
            /**
             * Format: date-time
             * @description When it was sent.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description What it is about. */
            kind: string;
            /** @description Whether it was read. */
            read: boolean;
            /** @description Chinese. */
            title: string;
            /** @description English. */
            title_en: string;
        };
        /** @description What a message's button does. */
        MessageAction: {
            /** @description `open_application`, `download_certificate` or `open_certificate`. */
            kind: string;
            /**
             * Format: uuid
             * @description To which object.
             */
            target_id: string;
        };
        /** @description A page of messages, newest first. */
        MessageList: {
            /** @description Newest first. */
            items: components["schemas"]["Message"][];
            /** @description Names the next page. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description Messages not yet read, on all pages.
             */
            unread: number;
        };
        /** @description What to apply for. */
        NewApplication: {
            /** @description `personal_certificate`. */
            kind: components["schemas"]["ApplicationKind"];
        };
        /** @description What the camera saw. */
        NewClaim: {
            /** @description The code's text, whole or the part after `#`. */
            code: string;
        };
        /** @description What a phone says about itself. */
        NewDevice: {
            /** @description What the owner sees. */
            name: string;
            /** @description Base64 of the uncompressed P-256 point, 65 bytes. */
            public_key: string;
        };
        /** @description A document to be signed. */
        NewDocument: {
            /** @description Base64 of the PDF, at most 20 MiB of it. */
            pdf: string;
            /** @description What it is called. */
            title: string;
        };
        /** @description To which device. */
        NewEnrolment: {
            /**
             * Format: uuid
             * @description One of the account's devices.
             */
            device_id: string;
        };
        /** @description Where which of the person's pictures goes. */
        NewPlacement: {
            /**
             * Format: uuid
             * @description One of the person's appearances.
             */
            appearance_id: string;
            /**
             * Format: double
             * @description Height, mm.
             */
            height_mm: number;
            /**
             * Format: int32
             * @description Page, the first is 1.
             */
            page: number;
            /**
             * Format: double
             * @description Width, mm.
             */
            width_mm: number;
            /**
             * Format: double
             * @description Left edge, mm from the page's left.
             */
            x_mm: number;
            /**
             * Format: double
             * @description Upper edge, mm from the page's top.
             */
            y_mm: number;
        };
        /** @description What a relying party asks. */
        NewScanRequest: {
            /** @enum {string} */
            action: "login";
            /** @description In this browser. */
            browser: components["schemas"]["Browser"];
        } | {
            /** @enum {string} */
            action: "sign";
            /** @description In this browser. */
            browser: components["schemas"]["Browser"];
            /** @description The document. */
            document: components["schemas"]["NewDocument"];
            /** @description Where the pictures go; none for an invisible signature. */
            placements: components["schemas"]["NewPlacement"][];
            /**
             * Format: uuid
             * @description The person, as this relying party knows it.
             */
            subject: string;
        };
        /** @description Where an appearance goes: millimetres from the page's top left corner. */
        Placement: {
            /**
             * Format: double
             * @description Height, mm.
             */
            height_mm: number;
            /**
             * Format: int32
             * @description Page, the first is 1.
             */
            page: number;
            /**
             * Format: double
             * @description Width, mm.
             */
            width_mm: number;
            /**
             * Format: double
             * @description Left edge, mm from the page's left.
             */
            x_mm: number;
            /**
             * Format: double
             * @description Upper edge, mm from the page's top.
             */
            y_mm: number;
        };
        /** @description What the platform says about itself. */
        Platform: {
            /** @description The key that phones close their key operations for. */
            envelope_key: components["schemas"]["EnvelopeKey"];
            /** @description `sandbox` or `production`. */
            mode: string;
            /** @description Its name. */
            name: string;
            /** @description Version of the software. */
            version: string;
        };
        /** @description What a refusal looks like on the wire (RFC 9457). */
        Problem: {
            /** @description Stable name for programs. */
            code: string;
            /** @description About this case, Chinese. */
            detail?: string | null;
            /** @description About this case, English. */
            detail_en?: string | null;
            /** @description Fields of the request that are not acceptable, and a code for each. */
            fields?: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description Seconds after which trying again makes sense.
             */
            retry_after?: number | null;
            /**
             * Format: int32
             * @description HTTP status, repeated.
             */
            status: number;
            /** @description What the user should do, Chinese. */
            title: string;
            /** @description What the user should do, English. */
            title_en: string;
            /** @description URI reference that names the kind of problem: `/problems/` and the code. */
            type: string;
        };
        /** @description What an institution sells. */
        Product: {
            /**
             * Format: int64
             * @description Price in fen.
             */
            fee_fen: number;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description The kind of application that it belongs to: `personal_certificate`. */
            kind: string;
            /**
             * Format: int32
             * @description How long a certificate is good, months.
             */
            validity_months: number;
        };
        /** @description Where a signature shows, millimetres from the page's top left corner. */
        Rect: {
            /**
             * Format: double
             * @description Height.
             */
            height_mm: number;
            /**
             * Format: double
             * @description Width.
             */
            width_mm: number;
            /**
             * Format: double
             * @description Left edge.
             */
            x_mm: number;
            /**
             * Format: double
             * @description Upper edge.
             */
            y_mm: number;
        };
        /** @description Which version was looked at, and what is wrong with it. */
        Refusal: {
            /** @description What the applicant is told, 2 to 500 characters. */
            reason: string;
            /**
             * Format: int32
             * @description The `version` of the application that the reviewer saw.
             */
            version: number;
        };
        /**
         * @description Why the owner says no.
         * @enum {string}
         */
        RefusalReason: "not_me" | "wrong_document" | "other";
        /** @description Who asks. */
        RelyingPartyView: {
            /** @description Where it lives. */
            domain: string;
            /**
             * Format: uuid
             * @description Names it.
             */
            id: string;
            /** @description Its sign. */
            logo_url?: string | null;
            /** @description What it is called. */
            name: string;
        };
        /** @description A material that an institution wants to see. */
        RequiredMaterial: {
            /** @description `signature` or `application_form`. */
            kind: string;
            /** @description Whether an application cannot be submitted without it. */
            required: boolean;
        };
        /** @description Who works at the console. */
        Reviewer: {
            /**
             * Format: uuid
             * @description The reviewer.
             */
            id: string;
            institution?: components["schemas"]["InstitutionRef"] | null;
            /** @description Name shown. */
            name: string;
            /** @description `reviewer`. */
            role: string;
            /** @description Login name. */
            username: string;
        };
        /** @description What came of a confirmed question. */
        RpResult: {
            /** @description The certificate that answered. */
            certificate_pem: string;
            /** @description Real name, by the certificate. */
            name: string;
            /** @description Base64 of the DER SM2Signature. */
            signature: string;
            /** @description Login: base64 of the octets that it signs. */
            statement?: string | null;
            /**
             * Format: uuid
             * @description The person, as this relying party knows it.
             */
            subject: string;
        };
        /** @description A question, as its relying party sees it. */
        RpScanRequest: {
            /** @description What was asked. */
            action: components["schemas"]["Action"];
            /** @description Four digits to show beside the code. */
            check_number: string;
            /** @description RFC 3339. */
            expires_at: string;
            /**
             * Format: uuid
             * @description Names it.
             */
            id: string;
            result?: components["schemas"]["RpResult"] | null;
            /** @description Where it stands. */
            state: components["schemas"]["ScanState"];
        };
        /** @description A message that was not sent. */
        SandboxSms: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description The code in it. */
            code?: string | null;
            /** @description To whom. */
            phone: string;
            /** @description The whole text. */
            text: string;
        };
        /** @description The outbox. */
        SandboxSmsList: {
            /** @description Newest first, at most 50. */
            items: components["schemas"]["SandboxSms"][];
        };
        /** @description A question that a PC puts to a phone, as the phone sees it. */
        ScanRequest: {
            /** @description What is asked. */
            action: components["schemas"]["Action"];
            /** @description From where. */
            browser: components["schemas"]["BrowserView"];
            /** @description The certificates that can answer. */
            certificates: components["schemas"]["Certificate"][];
            /** @description The four digits that the PC shows too. */
            check_number: string;
            /** @description RFC 3339. */
            created_at: string;
            document?: components["schemas"]["DocumentView"] | null;
            /** @description RFC 3339. */
            expires_at: string;
            /**
             * Format: uuid
             * @description Names it; the task id of the key operation that answers it.
             */
            id: string;
            /** @description Who asks. */
            relying_party: components["schemas"]["RelyingPartyView"];
            result?: components["schemas"]["ScanResult"] | null;
            /** @description Where it stands. */
            state: components["schemas"]["ScanState"];
            /** @description Login: base64 of the exact octets to sign. */
            statement?: string | null;
        };
        /** @description What came of a confirmed request. */
        ScanResult: {
            /** @description When, RFC 3339. */
            answered_at: string;
            /**
             * Format: uuid
             * @description The certificate that answered.
             */
            certificate_id: string;
        };
        /**
         * @description Where a scan request stands.
         * @enum {string}
         */
        ScanState: "waiting" | "claimed" | "confirmed" | "refused" | "expired" | "cancelled" | "failed";
        /** @description What is known of one signature. */
        Signature: {
            /** @description `trusted`, `untrusted`, `expired` or `revoked`; absent when no certificate could be read. */
            chain?: string | null;
            /** @description Nothing of the file is outside of this signature. */
            covers_whole_document: boolean;
            /** @description The covered octets are those that were signed. */
            digest_ok: boolean;
            /** @description Position in the order of signing, from 0. */
            index: number;
            /** @description Who issued the certificate. */
            issuer_name?: string | null;
            /** @description Something follows what is signed. */
            later_revision_exists: boolean;
            /**
             * Format: int32
             * @description Page on which it shows, from 1.
             */
            page?: number | null;
            /** @description What led to the verdict. */
            reasons: string[];
            rect_mm?: components["schemas"]["Rect"] | null;
            /** @description Serial number of the certificate, hexadecimal. */
            serial?: string | null;
            /** @description The signature value verifies. */
            signature_ok: boolean;
            /** @description When, as the signer claims; RFC 3339. */
            signed_at?: string | null;
            /** @description Who signed, by the certificate. */
            signer_name?: string | null;
            /** @description Form of the signature. */
            sub_filter: string;
            /** @description `valid`, `invalid` or `unknown`. */
            verdict: string;
        };
        /** @description A verification. */
        Verification: {
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description Why it failed: `FACE_NOT_PASSED`, `IDENTITY_TAKEN` (another account has this identity), `ALREADY_VERIFIED`. */
            reason_code?: string | null;
            /** @description How it stands. */
            status: components["schemas"]["VerificationStatus"];
        };
        /** @description What is known of a PDF. */
        VerificationReport: {
            /** @description There is a signature, the newest covers the whole file, and none is invalid. */
            intact: boolean;
            /** @description In the order of signing. */
            signatures: components["schemas"]["Signature"][];
        };
        /** @description Who the user claims to be. */
        VerificationRequest: {
            /**
             * @description Identity number, 18 characters (GB 11643).
             * @example 11010519491231002X
             */
            id_number: string;
            /**
             * @description Real name.
             * @example 韦桂花
             */
            name: string;
            /**
             * @description Page of this platform to come back to, such as `/verify/done`.
             * @example /verify/done
             */
            return_url_path: string;
        };
        /** @description A verification that has begun. */
        VerificationStarted: {
            /**
             * Format: uuid
             * @description Its id; also comes back as the parameter `verification` of the return address.
             */
            id: string;
            /** @description Where to send the browser. */
            redirect_url: string;
        };
        /**
         * @description How a verification stands.
         * @enum {string}
         */
        VerificationStatus: "pending" | "passed" | "failed";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
