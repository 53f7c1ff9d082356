import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { api, functionSizes, retention } from './config.ts';
import type { Exports } from './exports.ts';
import { NodeFunction } from './node-function.ts';
import type { Options } from './options.ts';
import type { Readings } from './readings.ts';
import type { Scores } from './scoring.ts';

/** What the API answers; openapi.yaml says how. */
export const routes = [
  '/v1/studies',
  '/v1/studies/{study}',
  '/v1/studies/{study}/plates/{plate}',
  '/v1/studies/{study}/plates/{plate}/readings',
  '/v1/studies/{study}/plates/{plate}/wells/{well}',
  '/v1/studies/{study}/compounds/{compound}',
  '/v1/studies/{study}/dili',
] as const;

/** A line of the access log. CDK's own format asks for the route by a name that HTTP APIs do not know. */
const accessLogLine = {
  requestId: '$context.requestId',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
  sourceIp: '$context.identity.sourceIp',
} as const;

export interface ApiProps {
  readonly options: Options;
  readonly exports: Exports;
  readonly readings: Readings;
  readonly scores: Scores;
}

/** Reads studies, plates, curves and rankings over HTTP. */
export class Api extends Construct {
  readonly api: HttpApi;
  readonly query: NodeFunction;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    this.query = new NodeFunction(this, 'Query', {
      name: 'query',
      description: 'Answers questions about studies, plates, compounds and rankings',
      size: functionSizes.query,
      options: props.options,
      environment: {
        EXPORT_BUCKET: props.exports.bucket.bucketName,
        READINGS_TABLE: props.readings.table.tableName,
        SCORES_TABLE: props.scores.table.tableName,
      },
    });
    props.exports.grantRead(this.query);
    props.exports.grantReadProvenance(this.query);
    props.readings.grantQuery(this.query);
    props.scores.grantRead(this.query);

    this.api = new HttpApi(this, 'Http', {
      description: 'Readings, scores and DILI rankings of NViR',
      createDefaultStage: false,
      defaultAuthorizer: authorizer(props.options),
    });
    const integration = new HttpLambdaIntegration('Query', this.query.function, {
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      // One permission for this API's routes instead of one each.
      scopePermissionToRoute: false,
    });
    for (const path of routes) this.api.addRoutes({ path, methods: [HttpMethod.GET], integration });
    this.openStage();
  }

  private openStage(): void {
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: retention.logs_days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: api.rateLimit, burstLimit: api.burstLimit },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
  }
}

function authorizer(options: Options): IHttpRouteAuthorizer {
  if (!options.jwt) return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer('Jwt', options.jwt.issuer, { jwtAudience: [options.jwt.audience] });
}
