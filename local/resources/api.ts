import { z } from 'zod';
import { iamAuthorizer, jwtAuthorizer, openToAll } from '../api/authorizers.ts';
import { parseRouteKey } from '../api/routes.ts';
import { number, provider, withoutLocalEffect } from './provider.ts';

export const httpApi = provider(
  z.strictObject({
    Name: z.string(),
    ProtocolType: z.literal('HTTP'),
    DisableExecuteApiEndpoint: z.literal(false).optional(),
    CorsConfiguration: withoutLocalEffect,
    Description: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ account }) => {
    const { apiId } = account.api;
    if (account.api.claimed) throw new Error('the local cloud runs one HTTP API');
    account.api.claimed = true;
    return { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint: account.api.url } };
  },
);

export const stage = provider(
  z.strictObject({
    ApiId: z.string(),
    StageName: z.string(),
    AutoDeploy: z.literal(true),
    StageVariables: z.record(z.string(), z.string()).optional(),
    AccessLogSettings: withoutLocalEffect,
    DefaultRouteSettings: withoutLocalEffect,
    RouteSettings: withoutLocalEffect,
    Description: withoutLocalEffect,
    Tags: withoutLocalEffect,
  }),
  ({ properties, account }) => {
    account.api.setStage(properties.StageName, properties.StageVariables);
    return { ref: properties.StageName, attributes: {} };
  },
);

export const integration = provider(
  z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal('AWS_PROXY'),
    IntegrationUri: z.string(),
    IntegrationMethod: z.literal('POST').optional(),
    PayloadFormatVersion: z.literal('2.0'),
    TimeoutInMillis: number.default(30_000),
    Description: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    // Either the function's ARN, or API Gateway's own spelling of it with the function's ARN inside.
    const arn =
      /functions\/(arn:[^/]+)\/invocations$/.exec(properties.IntegrationUri)?.[1] ?? properties.IntegrationUri;
    const target = account.functions.get(arn);
    account.apiIntegrations.add(logicalId, { target, timeoutMs: properties.TimeoutInMillis });
    return { ref: logicalId, attributes: { IntegrationId: logicalId } };
  },
);

export const authorizer = provider(
  z.strictObject({
    ApiId: z.string(),
    AuthorizerType: z.literal('JWT'),
    IdentitySource: z.array(z.literal('$request.header.Authorization')).length(1),
    JwtConfiguration: z.strictObject({ Issuer: z.string(), Audience: z.array(z.string()).min(1) }),
    Name: z.string(),
  }),
  ({ logicalId, properties, account }) => {
    const { Issuer, Audience } = properties.JwtConfiguration;
    account.apiAuthorizers.add(logicalId, (scopes) => jwtAuthorizer(Issuer, Audience, scopes, account.log));
    return { ref: logicalId, attributes: { AuthorizerId: logicalId } };
  },
);

export const route = provider(
  z.strictObject({
    ApiId: z.string(),
    RouteKey: z.string(),
    Target: z.string(),
    AuthorizationType: z.enum(['NONE', 'AWS_IAM', 'JWT']).default('NONE'),
    AuthorizerId: z.string().optional(),
    AuthorizationScopes: z.array(z.string()).default([]),
    OperationName: withoutLocalEffect,
  }),
  ({ logicalId, properties, account }) => {
    const { AuthorizationType, AuthorizerId = '', AuthorizationScopes, RouteKey, Target } = properties;
    const { target, timeoutMs } = account.apiIntegrations.get(Target.replace(/^integrations\//, ''));
    const iam = () => iamAuthorizer(account.authenticateApiCall, account.accountId, account.log);
    const jwt = () => account.apiAuthorizers.get(AuthorizerId)(AuthorizationScopes);
    const choose = { NONE: () => openToAll, AWS_IAM: iam, JWT: jwt }[AuthorizationType];
    account.api.addRoute({ pattern: parseRouteKey(RouteKey), target, authorizer: choose(), timeoutMs });
    return { ref: logicalId, attributes: { RouteId: logicalId } };
  },
);
