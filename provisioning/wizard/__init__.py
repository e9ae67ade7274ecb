"""The wizard: steps, drafts, forms, actions and pages that lead to a set-up."""
