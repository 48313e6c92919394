/** The variable with the token that GitLab gives to every job. It is nobody's secret among the jobs of a pipeline. */
export const jobTokenVariable = 'CI_JOB_TOKEN'
