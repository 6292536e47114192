// On every page: the few behaviours of GOV.UK Frontend that help people with
// forms. Everything works without it.
import {
  Button,
  createAll,
  ErrorSummary,
  NotificationBanner,
  ServiceNavigation,
  SkipLink,
} from "govuk-frontend";

// GOV.UK Frontend sets these in an inline script, which our policy does not allow.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

// A form that is sent twice blocks a key twice, or invites somebody twice.
createAll(Button, { preventDoubleClick: true });
createAll(ErrorSummary);
createAll(NotificationBanner);
createAll(ServiceNavigation);
createAll(SkipLink);
