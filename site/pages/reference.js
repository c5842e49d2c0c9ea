// Tells Scalar what to draw: the documents of all providers, and, if a server with a sandbox stands behind the page, where
// it is, credentials that are good there, and requests that it accepts now.
'use strict';
{
  // A folder has no server, and a browser complains of the question.
  const live = async () => {
    if (location.protocol === 'file:') return {providers: {}};
    try {
      const answer = await fetch('../live.json');
      return answer.ok ? await answer.json() : {providers: {}};
    } catch {
      return {providers: {}};
    }
  };

  // Every operation of a document, with the parameters that it shares with others on its path.
  const operations = function* (document) {
    const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
    for (const item of Object.values(document.paths)) {
      for (const method of METHODS) {
        if (item[method]) yield {item, operation: item[method]};
      }
    }
  };

  const follow = (document, value) => {
    const steps = value.$ref?.slice(2).split('/').map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return steps ? steps.reduce((found, step) => found[step], document) : value;
  };

  // One name for the parameters' values and the body's, since Scalar takes those of one name together.
  const NOW = 'now';

  // Puts a request into the examples of an operation, before all others, since Scalar sends the first.
  const fill = (document, item, operation, request) => {
    // What is not in the request is not sent: an example of the document names users that do not exist.
    operation.parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(parameter => {
      const {example, examples, ...rest} = structuredClone(follow(document, parameter));
      const value = request[rest.in]?.[rest.name];
      if (rest.schema) rest.schema = withoutExample(follow(document, rest.schema));
      return value === undefined ? rest : {...rest, examples: {[NOW]: {value}}};
    });
    delete item.parameters;
    if (!operation.requestBody || request.body == null) return;
    const body = (operation.requestBody = structuredClone(follow(document, operation.requestBody)));
    for (const media of Object.values(body.content)) {
      const {example, examples} = media;
      delete media.example;
      const others = examples ?? (example === undefined ? {} : {documented: {value: example}});
      media.examples = {[NOW]: {summary: 'A request that the sandbox accepts now', value: request.body}, ...others};
    }
  };

  const withoutExample = ({example, default: _, ...schema}) => schema;

  const source = ({name, title, document}, {providers}) => {
    const sandbox = providers[name];
    if (!sandbox) return {title, slug: name, content: document, hideTestRequestButton: true};
    document.servers = [
      {url: sandbox.base_url, description: 'The sandbox beside these pages, on this machine.'},
      ...(document.servers ?? []),
    ];
    for (const {item, operation} of operations(document)) {
      const request = sandbox.requests[operation.operationId];
      if (request) fill(document, item, operation, request);
    }
    // Which of the credentials is sent, each operation says itself: one exchanges some of them for another.
    const {securitySchemes} = sandbox.authentication;
    return {title, slug: name, content: document, authentication: {securitySchemes}};
  };

  const isDark = () => document.documentElement.dataset.dark === 'true';

  // Scalar has an opinion of its own when the system's colours change; the bar's button is right.
  const keepColours = () => {
    const {classList} = document.body;
    const colour = () => {
      if (classList.contains('dark-mode') === isDark() && classList.contains('light-mode') !== isDark()) return;
      classList.toggle('dark-mode', isDark());
      classList.toggle('light-mode', !isDark());
    };
    new MutationObserver(colour).observe(document.body, {attributeFilter: ['class']});
    addEventListener('enroll-theme', colour);
  };

  const draw = async () => {
    const sandboxes = await live();
    document.getElementById('static').hidden = Object.keys(sandboxes.providers).length > 0;
    const box = document.getElementById('reference');
    box.replaceChildren();
    Scalar.createApiReference(box, {
      sources: window.enroll.references.map(reference => source(reference, sandboxes)),
      // A link to an operation needs its tag and its id.
      generateOperationSlug: ({operationId}) => operationId,
      // The samples are those of the documents: Rust with the SDK, and curl.
      hiddenClients: true,
      darkMode: isDark(),
      // The bar has it.
      hideDarkModeToggle: true,
      // Each of these would ask another host, or offer to.
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      agent: {disabled: true},
      mcp: {disabled: true},
      hideClientButton: true,
    });
    keepColours();
  };

  draw();
}
